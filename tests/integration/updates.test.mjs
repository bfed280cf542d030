// Asking for a position now, with one process that does it all, against providers of every temper.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway} from './lib/gateway.mjs';
import {HttpJsonProvider} from './lib/providers.mjs';
import {admin, member} from './lib/token.mjs';
import {askAs, askFor, configOf, ended, fetching, graphql, jsonProvider, told} from './lib/updates.mjs';
import {eventually} from './lib/wait.mjs';

const location = 'tracker_location_updated';
const one = (id) => `json:depot:${id}`;

let provider;
let gateway;
let client;
before(async () => {
  provider = await HttpJsonProvider.start();
  for (const id of ['bus-1', 'bus-2', 'bus-3', 'bus-4', 'bus-5', 'bus-6']) {
    provider.place(id, {latitude: 52, longitude: 13, time: Date.now() - 60_000});
  }
  const config = await configOf(jsonProvider('json:depot', provider, {breaker_failures: 100}));
  gateway = await Gateway.start(['--config', config, '--set', 'updates.deadline_s=3']);
  client = await Client.connect(gateway.url, {token: admin()});
  await eventually(async () => {
    const {body} = await gateway.get('/api/trackers');
    return body.trackers.filter((tracker) => tracker.position).length === 6;
  }, 'the first feed');
});
after(() => gateway.stop());

test('a position that is asked for arrives with the request, for all who may see it', async () => {
  const anybody = await Client.connect(gateway.url);
  provider.behave('held');
  provider.place('bus-1', {latitude: 52.5, longitude: 13.25});
  const request = await askFor(gateway, one('bus-1'), client);
  assert.equal(request.status, 'QUEUED');
  await fetching(client, request.requestId);
  provider.release();
  assert.deepEqual(await ended(client, request.requestId), ['queued', 'fetching', 'fetched']);
  for (const each of [client, anybody]) {
    const position = await eventually(
      () => each.of(location).find((event) => event.request_id === request.requestId), 'it');
    assert.equal(position.tracker_id, one('bus-1'));
    assert.equal(position.latitude, 52.5);
    // Where it is from is told to those who signed in.
    assert.equal(position.source, each === client ? 'json:depot' : undefined);
  }
  const names = client.events.map(({name, args: [event]}) =>
    (event.request_id === request.requestId ? (event.status ?? name) : ''));
  assert.ok(names.indexOf(location) < names.indexOf('fetched'), 'the position comes first');
  assert.deepEqual(anybody.of('tracker_update_status'), []);
  const {data} = await graphql(gateway,
    'query ($id: ID!) { updateRequest(id: $id) { status trackerId } }', {id: request.requestId});
  assert.deepEqual(data.updateRequest, {status: 'FETCHED', trackerId: one('bus-1')});
  anybody.close();
});

test('what is no news is unchanged', async () => {
  const request = await askFor(gateway, one('bus-2'), client);
  assert.deepEqual(await ended(client, request.requestId), ['queued', 'fetching', 'unchanged']);
  assert.ok(!client.of(location).some((event) => event.request_id === request.requestId));
});

test('a failing provider is told as such', async () => {
  provider.behave('failing');
  const request = await askFor(gateway, one('bus-3'), client);
  assert.deepEqual(await ended(client, request.requestId),
    ['queued', 'fetching', 'failed provider_unavailable']);
  provider.behave('healthy');
});

test('one that never answers fails at the deadline, and its tracker can be asked for again', async () => {
  provider.behave('silent');
  const request = await askFor(gateway, one('bus-4'), client);
  assert.deepEqual(await ended(client, request.requestId),
    ['queued', 'fetching', 'failed timeout']);
  provider.behave('healthy');
  provider.place('bus-4', {latitude: 1, longitude: 2});
  const again = await askFor(gateway, one('bus-4'), client);
  assert.deepEqual(await ended(client, again.requestId), ['queued', 'fetching', 'fetched']);
});

test('a tracker that nobody knows has failed at once', async () => {
  const request = await askFor(gateway, 'nobody', client);
  assert.deepEqual([request.status, request.reason], ['FAILED', 'unknown_tracker']);
  assert.deepEqual(await ended(client, request.requestId), ['failed unknown_tracker']);
});

test('one that the provider does not know any more has failed', async () => {
  provider.places.delete('bus-6');
  const request = await askFor(gateway, one('bus-6'), client);
  assert.deepEqual(await ended(client, request.requestId),
    ['queued', 'fetching', 'failed unknown_tracker']);
});

test('requests for one tracker join, and each hears of its own', async () => {
  provider.behave('held');
  provider.place('bus-5', {latitude: 3, longitude: 4});
  const asked = provider.requests.length;
  const first = await askFor(gateway, one('bus-5'), client);
  await fetching(client, first.requestId);
  const others = [await askFor(gateway, one('bus-5'), client),
    await askFor(gateway, one('bus-5'), client)];
  for (const other of others) await fetching(client, other.requestId);
  provider.release();
  for (const {requestId} of [first, ...others]) {
    assert.deepEqual(await ended(client, requestId), ['queued', 'fetching', 'fetched']);
  }
  assert.equal(provider.requests.length, asked + 1);
});

test('only admins may ask', async () => {
  const asked = provider.requests.length;
  for (const as of [member('4'), null]) {
    const {data, errors} = await askAs(gateway, one('bus-1'), as);
    assert.ok(errors?.length > 0);
    assert.equal(data?.updateTrackerLocation ?? null, null);
  }
  assert.equal(provider.requests.length, asked);
});

test('ids of trackers that are made tell nothing of their names at the source', async () => {
  const source = await HttpJsonProvider.start();
  const imei = '490154203237518';
  source.place(imei, {latitude: 52, longitude: 13, time: Date.now() - 60_000});
  const {register_ids: _, ...made} = jsonProvider('json:fleet', source);
  const own = await Gateway.start(['--config', await configOf(made)]);
  const find = async () => (await own.get('/api/trackers', {authorization: `Bearer ${admin()}`}))
    .body.trackers.find((tracker) => tracker.position);
  const tracker = await eventually(find, 'its tracker');
  assert.match(tracker.id, /^json:fleet:[\w-]{16}$/);
  const whole = JSON.stringify((await own.get('/api/trackers')).body);
  assert.equal(whole.includes(imei), false, 'neither in its id nor in its name');
  await own.kill();
  await own.restart();
  assert.equal((await eventually(find, 'it again')).id, tracker.id);
  const gone = await fetch(`${own.url}/api/trackers/${encodeURIComponent(tracker.id)}`,
    {method: 'DELETE', headers: {authorization: `Bearer ${admin()}`}});
  assert.equal(gone.status, 204);
  source.place(imei, {latitude: 52, longitude: 13, time: Date.now() - 30_000});
  await own.kill();
  await own.restart();
  assert.equal((await eventually(find, 'one that is made again')).id, tracker.id);
  await own.stop();
});

test('the metrics tell of requests and of providers', async () => {
  const metrics = await gateway.metrics();
  assert.ok(metrics['trackwire_update_requests_total{status="fetched"}'] >= 3);
  assert.ok(metrics['trackwire_update_requests_total{status="failed"}'] >= 4);
  assert.ok(metrics['trackwire_update_failures_total{reason="timeout"}'] >= 1);
  assert.ok(metrics['trackwire_update_latency_seconds_count'] >= 4);
  assert.equal(metrics['trackwire_update_open'], 0);
  assert.equal(metrics['trackwire_provider_trackers{provider="json:depot"}'], 6);
  assert.ok(metrics['trackwire_provider_errors_total{provider="json:depot",code="bad_status"}'] >= 1);
  assert.equal(told(client, 'none').length, 0);
});

test('a request outlives a killed process and ends', async () => {
  provider.behave('silent');
  const request = await askFor(gateway, one('bus-1'), client);
  await fetching(client, request.requestId);
  await gateway.kill();
  await gateway.restart();
  const end = await eventually(async () => {
    const {data} = await graphql(gateway,
      'query ($id: ID!) { updateRequest(id: $id) { status reason } }', {id: request.requestId});
    return data?.updateRequest?.status === 'FAILED' && data.updateRequest;
  }, 'its end');
  assert.equal(end.reason, 'timeout');
});
