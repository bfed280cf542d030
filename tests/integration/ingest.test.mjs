// Trackers that push: OsmAnd's protocol in its three forms and OwnTracks, with tokens; what admins
// do to trackers and clients, as every gateway sees it.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway, temporaryDirectory} from './lib/gateway.mjs';
import {PostgresServer} from './lib/postgres.mjs';
import {durable, RedisServer} from './lib/redis.mjs';
import {addTracker, call, push, trackerOf} from './lib/registry.mjs';
import {admin, member} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

const location = 'tracker_location_updated';
const seconds = () => Math.floor(Date.now() / 1000);

/** Gateways that watch and are pushed to: the same embedded one, or two on one Redis. */
async function embedded(more = []) {
  const gateway = await Gateway.start(more);
  return {gateways: [gateway, gateway], stop: () => gateway.stop()};
}

async function shared(databaseUrl) {
  const server = await RedisServer.start(durable);
  const url = databaseUrl ?? `sqlite://${join(await temporaryDirectory(), 'shared.db')}`;
  const options = ['--redis', server.url, '--threads', '1', '--set', `database.url=${url}`];
  const gateways = [await Gateway.start(options), await Gateway.start(options)];
  return {
    gateways,
    stop: async () => {
      for (const gateway of gateways) await gateway.stop();
      await server.stop();
    },
  };
}

async function onPostgres() {
  const database = await PostgresServer.start();
  const {gateways, stop} = await shared(database.url());
  return {
    gateways,
    stop: async () => {
      await stop();
      await database.stop();
    },
  };
}

const deployments = [['embedded', () => embedded()], ['on Redis', () => shared()],
  ['on Redis and PostgreSQL', onPostgres]];

async function owntracks(gateway, token, body, query = '') {
  const response = await fetch(`${gateway.url}/api/ingest/owntracks${query}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`jane:${token}`).toString('base64')}`,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {status: response.status, text: await response.text()};
}

for (const [name, open] of deployments) {
  test(`what is pushed is stored and told, ${name}`, async () => {
    const {gateways: [one, two], stop} = await open();
    const watcher = await Client.connect(two.url, {token: admin()});
    const token = await addTracker(one, {id: 'bus-1', name: 'Bus', external_id: 'jane/phone'});

    const now = seconds();
    const taken = await push(one, {id: 'bus-1', lat: 52.5, lon: 13.25, timestamp: now - 30,
      speed: 10, bearing: 90, accuracy: 0, batt: 81, alarm: 'sos', token});
    assert.deepEqual([taken.status, taken.text], [200, '']);
    const first = await watcher.event(location);
    assert.equal(first.tracker_id, 'bus-1');
    assert.equal(first.fix_time, new Date((now - 30) * 1000).toISOString());
    assert.equal(first.speed, 5.144, 'knots');
    assert.equal(first.battery_level, 81);
    assert.equal('accuracy' in first, false, 'unknown is absent');
    assert.equal(first.source, 'push:osmand');
    assert.deepEqual(first.attributes, {alarm: 'sos'});

    const form = () => fetch(`${two.url}/api/ingest/osmand/${token}`, {
      method: 'POST', body: new URLSearchParams({lat: 52.6, lon: 13.25, timestamp: now - 20})});
    await eventually(async () => (await form()).status === 200, 'the other to know the token');
    assert.equal((await watcher.event(location, 2)).latitude, 52.6);

    const json = await call(one, 'POST', '/api/ingest/osmand', {device_id: 'bus-1', location: {
      timestamp: new Date((now - 10) * 1000).toISOString(),
      coords: {latitude: 52.7, longitude: 13.25, speed: 3, heading: -1, accuracy: 4},
      battery: {level: 0.5, is_charging: true}}}, token);
    assert.equal(json.status, 200);
    const third = await watcher.event(location, 3);
    assert.equal(third.speed, 3, 'metres a second');
    assert.equal(third.battery_level, 50);
    assert.equal('course' in third, false);

    const answered = await owntracks(two, token,
      {_type: 'location', lat: 52.8, lon: 13.25, tst: now, vel: 36, tid: 'ab'}, '?u=jane&d=phone');
    assert.deepEqual([answered.status, answered.text], [200, '[]']);
    const fourth = await watcher.event(location, 4);
    assert.equal(fourth.speed, 10, 'kilometres an hour');
    assert.equal(fourth.source, 'push:owntracks');

    // A sign of life brings what it says, and leaves the place and its time alone.
    assert.equal((await push(one, {id: 'bus-1', batt: 7, alarm: 'lowBattery', token})).status, 200);
    const sign = await watcher.event(location, 5);
    assert.deepEqual([sign.latitude, sign.fix_time], [52.8, fourth.fix_time]);
    assert.deepEqual([sign.battery_level, sign.attributes], [7, {alarm: 'lowBattery'}]);

    const changes = watcher.of('tracker_status_change').map((change) => change.status);
    assert.deepEqual(changes.slice(0, 1), ['online']);
    const history = await call(two, 'GET', '/api/trackers/bus-1/positions?order=asc');
    if (history.status === 200) assert.equal(history.body.positions.length, 4);
    watcher.close();
    await stop();
  });

  test(`a last will is told once and undone by the next report, ${name}`, async () => {
    const {gateways: [one, two], stop} = await open();
    const watcher = await Client.connect(two.url, {token: admin()});
    const token = await addTracker(one, {id: 'phone-1', external_id: 'jane/phone'});
    const place = (tst) => ({_type: 'location', lat: 52.5, lon: 13.25, tst,
      topic: 'owntracks/jane/phone'});
    const will = (tst) => ({_type: 'lwt', tst, topic: 'owntracks/jane/phone'});
    const say = async (gateway, message) => {
      assert.equal((await owntracks(gateway, token, message)).status, 200);
    };
    const connectivity = () => watcher.of('tracker_status_change')
      .filter((change) => change.axis === 'connectivity')
      .map((change) => `${change.status} ${change.reason}`);
    const now = seconds();
    await say(one, place(now - 20));
    await eventually(() => connectivity().length === 1, 'it to be online');
    await eventually(async () =>
      (await owntracks(two, token, will(now - 3600))).status === 200, 'the token there');
    await say(one, will(seconds()));
    await eventually(() => connectivity().length === 2, 'it to be gone');
    await say(one, will(seconds()));
    await say(one, place(now - 10));
    await eventually(() => connectivity().length === 3, 'it to be back');
    await say(one, will(now - 60));
    await say(one, place(now - 5));
    await watcher.event(location, 3);
    assert.deepEqual(connectivity(), ['online contact', 'offline last_will', 'online contact'],
      'one that is older than the last contact changes nothing');
    const gone = watcher.of('tracker_status_change')
      .find((change) => change.reason === 'last_will');
    assert.deepEqual([gone.tracker_id, gone.previous_status], ['phone-1', 'online']);
    watcher.close();
    await stop();
  });

  test(`refuses what it cannot know or store, ${name}`, async () => {
    const {gateways: [one, two], stop} = await open();
    const token = await addTracker(one, {id: 'a'});
    const other = await addTracker(one, {id: 'b'});
    await eventually(async () => (await push(two, {lat: 1, lon: 2, token})).status === 200,
      'the other gateway to know the token');
    await eventually(() => trackerOf(two, 'b'), 'the other gateway to know both');
    const at = {lat: 1, lon: 2};
    const refused = async (fields, options) => {
      const {status, text} = await push(two, fields, options);
      return [status, JSON.parse(text).error.code];
    };
    assert.deepEqual(await refused(at), [401, 'unauthorized']);
    assert.deepEqual(await refused({...at, token: 'guess'}), [401, 'unauthorized']);
    assert.deepEqual(await refused({...at, id: 'b', token}), [403, 'other_tracker']);
    assert.deepEqual(await refused({...at, id: 'nobody', token}), [400, 'unknown_tracker']);
    assert.deepEqual(await refused({lat: 'x', lon: 2, token}), [400, 'bad_message']);
    assert.deepEqual(await refused({lat: 91, lon: 2, token}), [400, 'out_of_range']);
    assert.deepEqual(await refused({...at, timestamp: seconds() + 600, token}),
      [400, 'future_fix_time']);
    const json = await call(two, 'POST', '/api/ingest/osmand',
      {device_id: 'nobody', location: {latitude: 1, longitude: 2}}, token);
    assert.deepEqual([json.status, json.body.error.code], [404, 'unknown_tracker']);
    assert.equal((await owntracks(two, 'guess', {})).status, 401);
    assert.deepEqual(await owntracks(two, token, ''), {status: 200, text: '[]'});
    assert.equal((await owntracks(two, token, {_type: 'encrypted', data: 'AA=='})).status, 400);
    const log = one.log + two.log;
    assert.equal(log.includes(token) || log.includes(other), false, 'no token in the log');

    const moved = await call(one, 'PATCH', '/api/trackers/a', {provider: 'traccar:x'});
    assert.equal(moved.status, 200);
    await eventually(async () => (await push(two, {...at, token})).status === 403,
      'positions that come from elsewhere now');
    assert.deepEqual((await call(one, 'DELETE', '/api/trackers/b/tokens')).body, {revoked: 1});
    await eventually(async () => (await push(two, {...at, token: other})).status === 401,
      'a token that is revoked');
    await stop();
  });

  test(`what admins do is seen everywhere, ${name}`, async () => {
    const {gateways: [one, two], stop} = await open();
    const root = await Client.connect(two.url, {token: admin()});
    const jane = await Client.connect(two.url, {token: member('c1')});
    assert.equal((await call(one, 'POST', '/api/clients', {id: 'c1', name: 'One'})).status, 201);
    assert.equal((await call(one, 'POST', '/api/clients', {id: 'c1'})).status, 409);
    const token = await addTracker(one, {id: 'a', client_id: 'c1', offline_after: 60});
    await jane.event('trackers_changed');
    await eventually(() => trackerOf(two, 'a'), 'the tracker on the other gateway');
    await eventually(async () => (await push(two, {lat: 1, lon: 2, token})).status === 200,
      'the other gateway to know the token');
    await jane.event(location);
    const clients = await call(two, 'GET', '/api/clients');
    assert.deepEqual(clients.body, {clients: [{id: 'c1', name: 'One'}]});

    assert.equal((await call(one, 'DELETE', '/api/clients/c1')).status, 409, 'it has a tracker');
    assert.equal((await call(one, 'PATCH', '/api/clients/c1', {name: 'Uno'})).status, 200);
    const nameOf = async () => (await call(two, 'GET', '/api/clients')).body.clients[0].name;
    await eventually(async () => await nameOf() === 'Uno', 'the new name on the other gateway');
    const seen = jane.of('trackers_changed').length;
    assert.equal((await call(one, 'DELETE', '/api/trackers/a')).status, 204);
    await jane.event('trackers_changed', seen + 1);
    await eventually(async () => !await trackerOf(two, 'a'), 'the tracker to be gone everywhere');
    await eventually(async () => (await push(two, {lat: 1, lon: 2, token})).status === 401,
      'its token to be gone');
    assert.equal((await call(one, 'DELETE', '/api/trackers/a')).status, 404);
    assert.equal((await call(one, 'DELETE', '/api/clients/c1')).status, 204);
    const asJane = await call(one, 'DELETE', '/api/trackers/a', undefined, member('c1'));
    assert.equal(asJane.status, 403);

    // The same name again is another tracker: it has no past.
    const again = await addTracker(one, {id: 'a'});
    const fresh = await eventually(() => trackerOf(two, 'a'), 'the new one');
    assert.equal(fresh.position, undefined);
    await eventually(async () => (await push(two, {lat: 3, lon: 4, token: again})).status === 200,
      'the new token');
    await eventually(() => root.of(location).some((position) => position.latitude === 3),
      'its position');
    root.close();
    jane.close();
    await stop();
  });
}

test('in open mode whoever comes becomes a tracker', async () => {
  const {gateways: [one], stop} = await embedded(['--set', 'ingest.open=true',
    '--set', 'ingest.speed_unit=km/h']);
  const watcher = await Client.connect(one.url, {token: admin()});
  assert.equal((await push(one, {id: 'new', lat: 1, lon: 2, speed: 36})).status, 200);
  const position = await watcher.event(location);
  assert.deepEqual([position.tracker_id, position.speed], ['new', 10]);
  assert.equal((await push(one, {lat: 1, lon: 2})).status, 400, 'it must say who it is');
  assert.equal((await push(one, {id: 'x'.repeat(200), lat: 1, lon: 2})).status, 400);
  const answered = await owntracks(one, 'anything',
    {_type: 'location', lat: 1, lon: 2, tst: seconds(), topic: 'owntracks/jane/phone'});
  assert.equal(answered.status, 200);
  assert.equal((await watcher.event(location, 2)).tracker_id, 'jane/phone');
  watcher.close();
  await stop();
});

test('what cannot be stored is not taken', async () => {
  const server = await RedisServer.start(durable);
  const gateway = await Gateway.start(['--redis', server.url, '--threads', '1']);
  const token = await addTracker(gateway, {id: 'a'});
  await eventually(() => trackerOf(gateway, 'a'), 'the tracker');
  await server.kill();
  const refused = await push(gateway, {lat: 1, lon: 2, token});
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get('retry-after')) >= 1);
  await server.restart();
  await eventually(async () => (await push(gateway, {lat: 1, lon: 2, token})).status === 200,
    'positions to be taken again', 60_000);
  await eventually(async () => (await trackerOf(gateway, 'a')).position, 'its position', 60_000);
  await gateway.stop();
  await server.stop();
});

test('what another process changes in the store is noticed', async () => {
  const {gateways: [one], stop} = await embedded();
  const watcher = await Client.connect(one.url, {token: admin()});
  const token = await addTracker(one, {id: 'a', name: 'Before'});
  const seen = watcher.of('trackers_changed').length;
  const change = spawnSync('python3', ['-c', `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=20)
with db:
    db.execute("UPDATE trackers SET name = 'After'")
    db.execute("INSERT INTO trackers SELECT no + 1, '\\"b\\"' AS id, " + ", ".join(
        row[1] for row in list(db.execute("PRAGMA table_info(trackers)"))[2:]) + " FROM trackers")
    db.execute("UPDATE revisions SET number = number + 1 WHERE part = 'trackers'")
`, join(one.directory, 'trackwire.db')], {encoding: 'utf8'});
  assert.equal(change.status, 0, change.stderr);
  await watcher.event('trackers_changed', seen + 1);
  await eventually(async () => (await trackerOf(one, 'b'))?.name === 'After', 'the new tracker');
  assert.equal((await push(one, {lat: 1, lon: 2, token})).status, 200);
  assert.equal((await call(one, 'DELETE', '/api/trackers/b')).status, 204);
  watcher.close();
  await stop();
});

test('what was answered with success is there after a kill', async () => {
  const {gateways: [one], stop} = await embedded();
  const token = await addTracker(one, {id: 'a'});
  const start = seconds() - 10_000;
  let last = 0;
  for (let round = 0; round < 3; ++round) {
    let pushing = true;
    const pusher = (async () => {
      for (let i = last + 1; pushing; ++i) {
        const {status} = await push(one, {lat: i / 1000, lon: 2, timestamp: start + i, token});
        if (status === 200) last = i;
      }
    })().catch(() => {});
    const before = last;
    await eventually(() => last > before + 10, 'some positions');
    await one.kill();
    pushing = false;
    await pusher;
    await one.restart();
    const {position} = await trackerOf(one, 'a');
    assert.ok(Date.parse(position.fix_time) / 1000 >= start + last, 'the last one is there');
  }
  await stop();
});
