// Every operation of the document, asked of the real server: what it answers is what was said.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';
import {io} from 'socket.io-client';
import {Gateway, temporaryDirectory} from '../../integration/lib/gateway.mjs';
import {admin, member, publisher, token} from '../../integration/lib/token.mjs';
import {addUser, tokenOf} from '../../integration/lib/users.mjs';
import {eventually, within} from '../../integration/lib/wait.mjs';
import {checkAnswer, operation, operations, parameters} from './contract.mjs';

const password = 'correct horse battery staple';

describe('each operation', () => {
  let gateway;
  const asked = new Map();  // by operation: the statuses that were seen
  const used = new Set();   // parameters of queries
  const sockets = [];

  before(async () => {
    const web = await temporaryDirectory();
    await mkdir(join(web, 'docs'));
    for (const page of ['index.html', 'docs/index.html']) await writeFile(join(web, page), '<p>');
    gateway = await Gateway.start(['--set', 'visibility.unknown_trackers=public'],
      {TRACKWIRE_WEB_ROOT: web});
  });
  after(async () => {
    for (const socket of sockets) socket.disconnect();
    await gateway.stop();
  });

  /** Asks, holds the answer against the document, and gives {status, headers, body, json}. */
  async function ask(id, {path = {}, query, as, json, body, headers = {}, expect} = {}) {
    const about = operation(id);
    const names = Object.keys(query ?? {});
    const known = parameters(about, 'query').map(({name}) => name);
    assert.deepEqual(names.filter((name) => !known.includes(name)), [], `parameters of ${id}`);
    names.forEach((name) => used.add(`${id} ${name}`));
    const target = about.path.replace(/{(\w+)}/g, (_, name) => encodeURIComponent(path[name]));
    const response = await fetch(
      gateway.url + target + (query ? `?${new URLSearchParams(query)}` : ''), {
        method: about.method,
        headers: {
          ...(as && {authorization: `Bearer ${as}`}),
          ...(json !== undefined && {'content-type': 'application/json'}),
          ...headers,
        },
        body: json !== undefined ? JSON.stringify(json) : body,
      });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    checkAnswer(about, {status: response.status, type, body: text});
    if (expect !== undefined) assert.equal(response.status, expect, `${id}: ${text}`);
    asked.set(id, [...(asked.get(id) ?? []), response.status]);
    return {status: response.status, headers: response.headers, body: text,
      json: /json/.test(type) ? JSON.parse(text) : undefined};
  }

  /** That an operation for admins is for them alone. */
  async function refusesOthers(id, options = {}) {
    await ask(id, {...options, expect: 401});
    await ask(id, {...options, as: member('acme'), expect: 403});
  }

  it('of health and documents', async () => {
    await ask('health', {expect: 200});
    await ask('readiness', {expect: 200});
    assert.match((await ask('metrics', {expect: 200})).body, /trackwire_/);
    await ask('openapi', {expect: 200});
    await ask('docs', {expect: 200});
  });

  it('of identity', async () => {
    await addUser(gateway, 'ada', password, ['--role', 'admin']);
    const own = await tokenOf(gateway, 'ada', password);
    const {json} = await ask('login', {json: {user: 'ada', password, cookie: false}, expect: 200});
    assert.equal(json.session.user, 'ada');
    await ask('login', {json: {user: 'ada', password}, expect: 200});
    await ask('login', {json: {user: 'ada', password: 'wrong'}, expect: 401});
    await ask('login', {json: {user: 'ada'}, expect: 400});
    await ask('login', {body: 'x', headers: {'content-type': 'text/plain'}, expect: 415});
    await ask('login', {json: {user: 'ada', password: 'x'.repeat(20_000)}, expect: 413});
    assert.deepEqual((await ask('me', {as: own, expect: 200})).json.session.roles, ['admin']);
    await ask('me', {expect: 200});
    await ask('logout', {as: own, expect: 204});
    assert.equal((await ask('me', {as: own, expect: 200})).json.session.user, null);
  });

  it('of sessions', async () => {
    const socket = io(gateway.url, {transports: ['websocket'], forceNew: true,
      reconnection: false,
      auth: {token: token({sub: 'leaver', jti: 'leaver', role: 'user', clients: ['acme']})}});
    sockets.push(socket);
    await within(once(socket, 'connect'), 'the connection');
    const [session] = await eventually(async () => {
      const {json} = await ask('listSessions', {as: admin(), query: {limit: 5}, expect: 200});
      return json.sessions.length > 0 && json.sessions;
    }, 'the session');
    const behind = await ask('listSessions', {as: admin(), query: {after: session.sid}, expect: 200});
    assert.deepEqual(behind.json, {sessions: [], next: null});
    await ask('listSessions', {as: admin(), query: {limit: 'x'}, expect: 400});
    await refusesOthers('listSessions');
    await refusesOthers('endSession', {path: {sid: session.sid}});
    await ask('endSession', {path: {sid: 'nobody'}, as: admin(), expect: 404});
    await ask('endSession', {path: {sid: session.sid}, query: {revoke: '1'}, as: admin(), expect: 204});
  });

  it('of revocations', async () => {
    await ask('revoke', {as: admin(), json: {jti: 'a'}, expect: 201});
    await ask('revoke', {as: admin(), json: {user: 'bob'}, expect: 201});
    await ask('revoke', {as: admin(), json: {jti: 'a', user: 'bob'}, expect: 400});
    await refusesOthers('revoke', {json: {jti: 'a'}});
    const {json} = await ask('listRevocations', {as: admin(), query: {limit: 1}, expect: 200});
    assert.equal(json.revocations.length, 1);
    const rest = await ask('listRevocations', {as: admin(), query: {after: json.next}, expect: 200});
    assert.ok(rest.json.revocations.length >= 1);
    await refusesOthers('listRevocations');
  });

  it('of notifications', async () => {
    const event = {message_type: 'news', notification: {n: 1}, id: 'once'};
    const accepted = await ask('publish', {as: publisher(), json: event, expect: 202});
    assert.ok(accepted.json.results[0].offset);
    const mixed = await ask('publish', {as: publisher(), json: [event, {}], expect: 202});
    assert.equal(mixed.json.results[0].duplicate, true);
    assert.ok(mixed.json.results[1].error.code);
    await ask('publish', {as: publisher(), json: {}, expect: 400});
    await ask('publish', {as: publisher(), body: '{', expect: 400});
    await ask('publish', {json: event, expect: 401});
    await ask('publish', {as: member('acme'), json: event, expect: 403});
  });

  it('of GraphQL', async () => {
    const query = '{ me { user } }';
    await ask('graphql', {json: {query}, expect: 200});
    await ask('graphql', {json: {query: '{ nobody }'}, expect: 200});
    await ask('graphql', {json: {query: '{ nobody }'}, expect: 400,
      headers: {accept: 'application/graphql-response+json'}});
    await ask('graphqlQuery', {query: {query, variables: '{}', operationName: ''}});
    await ask('graphqlQuery', {query: {query: 'query A { me { user } }', operationName: 'A',
      variables: '{}'}, expect: 200});
  });

  it('of trackers', async () => {
    const place = {latitude: 48.85837, longitude: 2.29448, accuracy: 5};
    for (const id of ['bus-7', 7]) {
      await ask('publish', {as: publisher(), expect: 202, json: {
        message_type: 'tracker_location_updated',
        notification: {tracker_id: id, ...place, fix_time: new Date().toISOString()},
      }});
    }
    await eventually(async () => (await ask('getTracker', {path: {id: 'bus-7'}})).status === 200,
      'the tracker');
    const {json: one} = await ask('getTracker', {path: {id: '7'}, expect: 200});
    assert.equal(one.id, 7);
    assert.equal(one.position.latitude, place.latitude);
    assert.equal(one.provider, undefined);
    const {json: more} = await ask('getTracker', {path: {id: 'bus-7'}, as: admin(), expect: 200});
    assert.equal(more.public, true);
    await ask('getTracker', {path: {id: 'nobody'}, expect: 404});

    const {json: all} = await ask('listTrackers', {expect: 200});
    assert.equal(all.trackers.length, 2);
    const {json: few} = await ask('listTrackers', {query: {limit: 1, bbox: '2,48,3,49'}, expect: 200});
    assert.equal(few.trackers.length, 1);
    const {json: rest} = await ask('listTrackers', {query: {after: few.next}, expect: 200});
    assert.deepEqual([...few.trackers, ...rest.trackers].map(({id}) => id).sort(), [7, 'bus-7']);
    assert.equal(rest.next, null);
    const {json: found} = await ask('listTrackers', {query: {search: 'BUS', connectivity: 'unknown',
      motion: 'unknown'}, expect: 200});
    assert.deepEqual(found.trackers.map(({id}) => id), ['bus-7']);
    const {json: none} = await ask('listTrackers', {query: {client: 'acme'}, expect: 200});
    assert.deepEqual(none.trackers, []);
    await ask('listTrackers', {query: {bbox: '1,2'}, expect: 400});
  });

  it('of clients', async () => {
    const acme = {id: 'acme', name: 'Acme'};
    assert.deepEqual((await ask('createClient', {as: admin(), json: acme, expect: 201})).json, acme);
    await ask('createClient', {as: admin(), json: acme, expect: 409});
    await ask('createClient', {as: admin(), json: {}, expect: 400});
    await refusesOthers('createClient', {json: acme});
    const renamed = await ask('editClient',
      {path: {id: 'acme'}, as: admin(), json: {name: 'Acme & Co'}, expect: 200});
    assert.equal(renamed.json.name, 'Acme & Co');
    await ask('editClient', {path: {id: 'nobody'}, as: admin(), json: {name: 'x'}, expect: 404});
    await refusesOthers('editClient', {path: {id: 'acme'}, json: {name: 'x'}});
    await refusesOthers('deleteClient', {path: {id: 'acme'}});
  });

  it('of trackers that admins make', async () => {
    const van = {id: 'van-1', name: 'Van 1', category: 'car', client_id: 'acme'};
    const {json: made} = await ask('createTracker', {as: admin(), json: van, expect: 201});
    assert.equal(made.client_id, 'acme');
    await ask('createTracker', {as: admin(), json: van, expect: 409});
    await ask('createTracker', {as: admin(), json: {...van, id: 'van-2', client_id: 'x'}, expect: 400});
    await refusesOthers('createTracker', {json: van});
    const path = {id: 'van-1'};
    const {json: edited} = await ask('editTracker',
      {path, as: admin(), json: {name: 'Van one', offline_after: 60}, expect: 200});
    assert.equal(edited.offline_after, 60);
    await ask('editTracker', {path, as: admin(), json: {colour: 'red'}, expect: 400});
    await ask('editTracker', {path: {id: 'x'}, as: admin(), json: {name: 'x'}, expect: 404});
    await refusesOthers('editTracker', {path, json: {name: 'x'}});
    const {json: clients} = await ask('listClients', {as: member('acme'), expect: 200});
    assert.deepEqual(clients.clients, [{id: 'acme', name: 'Acme & Co'}]);
    await ask('deleteClient', {path: {id: 'acme'}, as: admin(), expect: 409});
    await refusesOthers('deleteTracker', {path});
    await refusesOthers('issueToken', {path});
    await refusesOthers('revokeTokens', {path});
  });

  it('of ingestion and histories', async () => {
    const path = {id: 'van-1'};
    const {json: {token: own}} = await ask('issueToken', {path, as: admin(), expect: 201});
    await ask('issueToken', {path: {id: 'nobody'}, as: admin(), expect: 404});
    const second = Math.floor(Date.now() / 1000) - 100;
    const place = {lat: 48.5, lon: 2.5, speed: 10, bearing: 90, altitude: 35, accuracy: 5, batt: 81};
    await ask('pushOsmand', {query: {...place, id: 'van-1', timestamp: second, token: own}, expect: 200});
    await ask('pushOsmand', {query: {...place, timestamp: second}, expect: 401});
    await ask('pushOsmand', {query: {lat: 99, lon: 2, timestamp: second, token: own}, expect: 400});
    const location = {timestamp: new Date((second + 1) * 1000).toISOString(),
      coords: {latitude: 48.5, longitude: 2.6, accuracy: 5}};
    await ask('pushOsmandBody',
      {query: {token: own}, json: {device_id: 'van-1', location}, expect: 200});
    await ask('pushOsmandBody', {json: {device_id: 'van-1', location}, expect: 401});
    const query = {...place, timestamp: second + 2};
    await ask('pushOsmandTo', {path: {token: own}, query: {...query, id: 'van-1'}, expect: 200});
    await ask('pushOsmandBodyTo', {path: {token: own}, expect: 200,
      body: new URLSearchParams({...place, timestamp: second + 3}).toString(),
      headers: {'content-type': 'application/x-www-form-urlencoded'}});
    const message = {_type: 'location', lat: 48.5, lon: 2.7, tst: second + 4, acc: 5};
    await ask('pushOwntracks', {query: {u: 'ada', d: 'van-1', token: own},
      json: [message, {...message, tst: second + 5}], expect: 200});
    await ask('pushOwntracks', {json: message, expect: 401});
    await ask('pushOwntracks', {as: own, json: {_type: 'location'}, expect: 400});

    const all = await eventually(async () => {
      const {json} = await ask('getPositions', {path, as: admin(), expect: 200});
      return json.positions.length === 6 && json.positions;
    }, 'what was pushed');
    const times = all.map(({fix_time: time}) => time);
    const paged = await ask('getPositions',
      {path, as: admin(), query: {order: 'desc', limit: 4}, expect: 200});
    assert.match(paged.headers.get('link'), /^<\/api\/trackers\/van-1\/positions\?.*>; rel="next"$/);
    const rest = await ask('getPositions',
      {path, as: admin(), query: {order: 'desc', after: paged.json.next}, expect: 200});
    assert.deepEqual([...paged.json.positions, ...rest.json.positions].map((one) => one.fix_time),
      [...times].reverse());
    const within = await ask('getPositions',
      {path, as: admin(), query: {from: times[1], to: times[3]}, expect: 200});
    assert.deepEqual(within.json.positions.map((one) => one.fix_time), times.slice(1, 3));
    for (const [format, part] of [['geojson', '[2.5,48.5,35]'], ['csv', '\r\nvan-1,'],
      ['gpx', '<trkpt lat="48.5" lon="2.5">'], ['json', '"latitude":48.5']]) {
      const file = await ask('getPositions', {path, as: admin(), query: {format}, expect: 200});
      assert.ok(file.body.includes(part), file.body);
    }
    const accepted = await ask('getPositions',
      {path, as: admin(), headers: {accept: 'text/csv'}, expect: 200});
    assert.match(accepted.headers.get('content-disposition'), /filename="van-1\.csv"/);
    await ask('getPositions', {path, expect: 404});
    await ask('getPositions', {path, as: admin(), query: {limit: 0}, expect: 400});

    const taken = await ask('revokeTokens', {path, as: admin(), expect: 200});
    assert.equal(taken.json.revoked, 1);
    await ask('pushOsmand', {query: {...place, timestamp: second + 9, token: own}, expect: 401});
  });

  it('of updates', async () => {
    const path = {id: 'van-1'};
    const {json: left} = await ask('requestUpdate', {path, as: admin(), json: {}, expect: 202});
    const found = await eventually(async () => {
      const {json} = await ask('getUpdate',
        {path: {request_id: left.request_id}, as: admin(), expect: 200});
      return !['queued', 'fetching'].includes(json.status) && json;
    }, 'the end of the request');
    assert.equal(found.reason !== undefined, found.status === 'failed', JSON.stringify(found));
    await ask('requestUpdate', {path: {id: 'nobody'}, as: admin(), json: {}, expect: 404});
    await ask('requestUpdate', {path, as: admin(), json: {socket_id: 7}, expect: 400});
    await ask('getUpdate', {path: {request_id: 'none'}, as: admin(), expect: 404});
    await refusesOthers('requestUpdate', {path, json: {}});
    await refusesOthers('getUpdate', {path: {request_id: left.request_id}});
  });

  it('of addresses', async () => {
    const {json: found} = await ask('reverseGeocode',
      {query: {latitude: 52.5186789, longitude: 13.3761234, language: 'en'}, expect: 200});
    assert.equal(found.address.country_code, 'DE');
    assert.equal(found.latitude, 52.5186789);
    await ask('reverseGeocode', {query: {latitude: -44, longitude: -30}, expect: 404});
    await ask('reverseGeocode', {query: {latitude: 91, longitude: 0}, expect: 400});
    const {json: {attributions}} = await ask('geocodeAttribution', {expect: 200});
    assert.ok(attributions.length > 0);
  });

  it('of what goes', async () => {
    await ask('deleteTracker', {path: {id: 'van-1'}, as: admin(), expect: 204});
    await ask('deleteTracker', {path: {id: 'van-1'}, as: admin(), expect: 404});
    await ask('deleteClient', {path: {id: 'acme'}, as: admin(), expect: 204});
    await ask('deleteClient', {path: {id: 'acme'}, as: admin(), expect: 404});
  });

  it('was asked, and did what it is for', () => {
    for (const {id, spec} of operations) {
      const statuses = asked.get(id) ?? [];
      assert.ok(statuses.some((status) => status < 300), `${id}: ${statuses}`);
      // Those that say they need somebody were asked by nobody, too.
      if (spec.security?.every((one) => Object.keys(one).length > 0)) {
        assert.ok(statuses.includes(401), `${id} by nobody: ${statuses}`);
      }
    }
  });

  it('has taken each of its parameters', () => {
    const all = operations.flatMap((one) =>
      parameters(one, 'query').map(({name}) => `${one.id} ${name}`));
    assert.deepEqual(all.filter((name) => !used.has(name)), []);
  });
});
