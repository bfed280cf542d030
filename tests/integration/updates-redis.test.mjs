// Asking for a position now, with gateways and fetchers beside one Redis, some of which die.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {FetcherProcess} from './lib/fetcher.mjs';
import {Fleet} from './lib/fleet.mjs';
import {HttpJsonProvider} from './lib/providers.mjs';
import {durable, RedisServer} from './lib/redis.mjs';
import {admin} from './lib/token.mjs';
import {askFor, configOf, ended, fetching, jsonProvider, told} from './lib/updates.mjs';
import {eventually} from './lib/wait.mjs';

const location = 'tracker_location_updated';
const requests = 'tracker:update:requests';
const one = (id) => `json:depot:${id}`;

let server;
let provider;
let fleet;
let client;
let fetchers;
const database = () => `sqlite://${fleet.gateways[0].directory}/trackwire.db`;

async function startFetcher(config) {
  return FetcherProcess.start(server.url, {'database.url': database()},
    ['--config', config]);
}

before(async () => {
  server = await RedisServer.start(durable);
  provider = await HttpJsonProvider.start();
  for (const id of ['bus-1', 'bus-2', 'bus-3', 'bus-4']) {
    provider.place(id, {latitude: 52, longitude: 13, time: Date.now() - 60_000});
  }
  fleet = await Fleet.start(1, server.url);
  await fleet.add(server.url, ['--database', database()]);
  const config = await configOf(jsonProvider('json:depot', provider));
  fetchers = [await startFetcher(config), await startFetcher(config)];
  client = await Client.connect(fleet.gateways[0].url, {token: admin()});
  for (const gateway of fleet.gateways) {
    await eventually(async () => {
      const {body} = await gateway.get('/api/trackers');
      return body.trackers.filter((tracker) => tracker.position).length === 4;
    }, 'the first feed');
  }
});
after(async () => {
  if (process.env.DEBUG_LOGS) for (const f of fetchers) console.error('FETCHER', f.log);
  for (const fetcher of fetchers) await fetcher.stop();
  await fleet.stop();
  await server.stop();
});

/** The fetcher that has the provider now, by its log. */
const holder = () => {
  const last = (fetcher) => {
    const taken = Math.max(fetcher.log.lastIndexOf('starting a provider'),
      fetcher.log.lastIndexOf('taking over a provider'));
    return taken < 0 ? '' : /(\S+Z)[^\n]*$/.exec(fetcher.log.slice(0, taken))[1];
  };
  return fetchers.filter((fetcher) => fetcher.alive).sort((a, b) => (last(a) < last(b) ? 1 : -1))[0];
};

async function published(message) {
  const resp = await server.connect();
  await resp.call('PUBLISH', requests, JSON.stringify(message));
  resp.close();
}

test('a request at any gateway is answered by the fetcher that has the provider', async () => {
  provider.place('bus-1', {latitude: 52.5, longitude: 13.25});
  for (const [i, gateway] of fleet.gateways.entries()) {
    const request = await askFor(gateway, one('bus-1'), client);
    assert.deepEqual(await ended(client, request.requestId),
      ['queued', 'fetching', i === 0 ? 'fetched' : 'unchanged']);
    if (i > 0) continue;
    const position = client.of(location).find((event) => event.request_id === request.requestId);
    assert.equal(position.latitude, 52.5);
  }
});

test('when the fetcher is killed in the middle, another goes on', async () => {
  provider.behave('held');
  provider.place('bus-2', {latitude: 1, longitude: 2});
  const request = await askFor(fleet.gateways[1], one('bus-2'), client);
  await fetching(client, request.requestId);
  await eventually(() => provider.held > 0, 'the question');
  const killed = holder();
  await killed.kill();
  provider.release();
  assert.deepEqual(await ended(client, request.requestId), ['queued', 'fetching', 'fetched']);
  const there = client.of(location).filter((event) => event.latitude === 1);
  assert.deepEqual(there.map((event) => event.tracker_id), [one('bus-2')]);
  killed.restart();
});

test('a fetcher that stops in order hands over what it was asked', async () => {
  provider.behave('held');
  provider.place('bus-3', {latitude: 3, longitude: 4});
  const request = await askFor(fleet.gateways[0], one('bus-3'), client);
  await fetching(client, request.requestId);
  await eventually(() => provider.held > 0, 'the question');
  const leaving = holder();
  leaving.signal('SIGTERM');
  await eventually(() => !leaving.alive, 'its end');
  provider.release();
  assert.deepEqual(await ended(client, request.requestId), ['queued', 'fetching', 'fetched']);
  leaving.restart();
});

test('when the gateway that took a request is killed, another tells its end', async () => {
  provider.behave('held');
  provider.place('bus-4', {latitude: 5, longitude: 6});
  const asked = [];
  // Whichever of them watches one, some are watched by the one that dies.
  for (const id of ['bus-1', 'bus-2', 'bus-3', 'bus-4']) {
    asked.push(await askFor(fleet.gateways[1], one(id), client));
  }
  for (const {requestId} of asked) await fetching(client, requestId);
  await fleet.kill(1);
  provider.release();
  for (const {requestId} of asked) {
    const lines = await ended(client, requestId);
    assert.deepEqual(lines.slice(0, 2), ['queued', 'fetching']);
    assert.equal(lines.length, 3, `${lines}`);
  }
  await fleet.restart(1);
});

test('what others publish is taken once, however many hear it', async () => {
  provider.place('bus-1', {latitude: 7, longitude: 8});
  const before = provider.requests.length;
  await published({request_id: 'theirs', tracker_id: one('bus-1'), socket_id: client.socket.id,
    requested_by: 'somebody', requested_at: new Date().toISOString()});
  assert.deepEqual(await ended(client, 'theirs'), ['queued', 'fetching', 'fetched']);
  assert.equal(provider.requests.slice(before).filter(({path}) => path === '/items/bus-1').length, 1);
  await published({request_id: 'in vain', tracker_id: 'nobody', socket_id: client.socket.id});
  assert.deepEqual(await ended(client, 'in vain'), ['failed unknown_tracker']);
  await published({request_id: 'no tracker'});
  assert.deepEqual(told(client, 'no tracker'), []);
});

test('another program may do the fetching', async () => {
  const gateway = await fleet.add(server.url,
    ['--database', database(), '--set', 'updates.fetcher=external', '--set', 'updates.deadline_s=3',
      '--set', 'redis.prefix=external:']);
  const own = await Client.connect(gateway.url, {token: admin()});
  const resp = await server.connect();
  const listener = await server.connect();
  const heard = [];
  listener.onMessage = ([, , text]) => heard.push(JSON.parse(text));
  await listener.call('SUBSCRIBE', `external:${requests}`);
  const request = await askFor(gateway, one('bus-2'), own);
  const announced = await eventually(
    () => heard.find((each) => each.request_id === request.requestId), 'the announcement');
  assert.equal(announced.tracker_id, one('bus-2'));
  assert.equal(announced.socket_id, own.socket.id);
  assert.equal(announced.requested_by, 'root');
  await resp.call('PUBLISH', 'external:socket:notifications', JSON.stringify({
    message_type: location,
    notification: {tracker_id: one('bus-2'), latitude: 9, longitude: 9,
      fix_time: new Date().toISOString()},
  }));
  assert.deepEqual(await ended(own, request.requestId), ['queued', 'fetched']);
  const late = await askFor(gateway, one('bus-3'), own);
  assert.deepEqual(await ended(own, late.requestId), ['queued', 'failed timeout']);
  resp.close();
  listener.close();
});
