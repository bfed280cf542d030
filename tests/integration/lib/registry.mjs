// What admins do to trackers over HTTP, and what trackers push.

import assert from 'node:assert/strict';

import {admin} from './token.mjs';

/** A call as an admin, or as somebody else; `body` goes as JSON. */
export async function call(gateway, method, path, body, as = admin()) {
  const response = await fetch(gateway.url + path, {
    method,
    headers: {
      ...(as ? {authorization: `Bearer ${as}`} : {}),
      ...(body === undefined ? {} : {'content-type': 'application/json'}),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return {status: response.status, headers: response.headers,
    body: text ? JSON.parse(text) : undefined};
}

/** Makes a tracker that pushes; its token. */
export async function addTracker(gateway, tracker) {
  const made = await call(gateway, 'POST', '/api/trackers', tracker);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const issued = await call(gateway, 'POST', `/api/trackers/${tracker.id}/tokens`);
  assert.equal(issued.status, 201, JSON.stringify(issued.body));
  return issued.body.token;
}

/** A request of the OsmAnd protocol by its query. */
export async function push(gateway, fields, {path = '/api/ingest/osmand', ...options} = {}) {
  const query = new URLSearchParams(fields);
  const response = await fetch(`${gateway.url}${path}?${query}`, options);
  return {status: response.status, headers: response.headers, text: await response.text()};
}

/** A tracker as admins read it, by id; nothing when there is none. */
export async function trackerOf(gateway, id) {
  const {body} = await call(gateway, 'GET', '/api/trackers');
  return body.trackers.find((tracker) => tracker.id === id);
}
