// Providers in a configuration, and requests for a position.

import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';

import {temporaryDirectory} from './gateway.mjs';
import {admin} from './token.mjs';
import {eventually} from './wait.mjs';

const written = (value) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? `{${Object.entries(value).map(([key, inner]) => `${key} = ${written(inner)}`).join(', ')}}`
    : JSON.stringify(value);

/** A file with these providers; its path. */
export async function configOf(...providers) {
  const text = providers.map((provider) => ['[[providers]]',
    ...Object.entries(provider).map(([key, value]) => `${key} = ${written(value)}`), ''].join('\n'));
  const file = join(await temporaryDirectory(), 'trackwire.toml');
  await writeFile(file, text.join('\n'));
  return file;
}

/** How an HttpJsonProvider is fetched from; its trackers are made as they are heard of. */
export function jsonProvider(name, provider, more = {}) {
  return {
    name,
    kind: 'http-json',
    url: provider.feedUrl,
    url_one: `${provider.feedUrl}/{external_id}`,
    allow_private: true,
    register: true,
    register_ids: 'external',
    public: true,
    interval_s: 3600,
    retries: 0,
    fields: {items: '/items', id: '/id', latitude: '/lat', longitude: '/lon', time: '/time',
      time_form: 'epoch_ms'},
    ...more,
  };
}

/** A GraphQL operation; the answer as it came. */
export async function graphql(gateway, query, variables, as = admin()) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {'content-type': 'application/json', ...(as ? {authorization: `Bearer ${as}`} : {})},
    body: JSON.stringify({query, variables}),
  });
  return response.json();
}

const mutation = `mutation ($tracker: ID!, $socket: ID) {
  updateTrackerLocation(trackerId: $tracker, socketId: $socket) { requestId status reason }
}`;

/** Asks for a tracker's position now, as an admin with that connection. */
export async function askFor(gateway, tracker, client) {
  const {data, errors} = await graphql(gateway, mutation,
    {tracker, socket: client?.socket.id ?? null});
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data.updateTrackerLocation;
}

export const askAs = (gateway, tracker, as) => graphql(gateway, mutation, {tracker}, as);

const ends = ['fetched', 'unchanged', 'failed'];

/** What a requester was told of a request: `failed timeout`. */
export function told(client, requestId) {
  return client.of('tracker_update_status').filter((event) => event.request_id === requestId)
    .map(({status, reason}) => (reason ? `${status} ${reason}` : status));
}

/** The same, once it has ended. */
export async function ended(client, requestId) {
  await eventually(() => told(client, requestId).some((line) => ends.includes(line.split(' ')[0])),
    `the end of ${requestId}`);
  return told(client, requestId);
}

/** Waits until somebody is told that the provider is being asked. */
export const fetching = (client, requestId) =>
  eventually(() => told(client, requestId).includes('fetching'), `${requestId} to be fetched`);
