// Positions that publishers outside have put into notifications, by every way in: stored once, told
// once, there after a restart; with one gateway, and with two that share Redis.
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway, temporaryDirectory} from './lib/gateway.mjs';
import {PostgresServer} from './lib/postgres.mjs';
import {durable, RedisServer} from './lib/redis.mjs';
import {addTracker, call, push, trackerOf} from './lib/registry.mjs';
import {eventually} from './lib/wait.mjs';

const location = 'tracker_location_updated';
const channel = 'socket:notifications';
const inbox = 'socket:notification:inbox';
const base = Date.now() - 60_000;
const iso = (ms) => new Date(base + ms).toISOString();
const envelope = (id, ms, more = {}) => ({message_type: location, notification: {tracker_id: id,
  latitude: 52.5, longitude: 13.25, speed: 10, fix_time: iso(ms), note: 'theirs', ...more}});

async function embedded(more = ['--drop-in']) {
  const gateway = await Gateway.start(more);
  const tell = async (one) => assert.equal((await gateway.post(one)).status, 202);
  return {gateways: [gateway], ways: [tell], stop: () => gateway.stop()};
}

async function shared(databaseUrl, more = ['--drop-in']) {
  const server = await RedisServer.start(durable);
  const url = databaseUrl ?? `sqlite://${join(await temporaryDirectory(), 'shared.db')}`;
  const options = [...more, '--redis', server.url, '--threads', '1', '--set', `database.url=${url}`];
  const gateways = [await Gateway.start(options), await Gateway.start(options)];
  const ways = [
    async (one) => assert.ok(await server.ask('PUBLISH', channel, JSON.stringify(one)) >= 1),
    async (one) => assert.ok(await server.ask('XADD', inbox, '*', 'envelope', JSON.stringify(one))),
    async (one) => assert.equal((await gateways[1].post(one)).status, 202),
  ];
  return {
    server,
    gateways,
    ways,
    stop: async () => {
      for (const gateway of gateways) await gateway.stop();
      await server.stop();
    },
  };
}

async function onPostgres() {
  const database = await PostgresServer.start();
  const open = await shared(database.url());
  return {...open, stop: async () => {
    await open.stop();
    await database.stop();
  }};
}

async function historyOf(gateway, id) {
  const {status, body} = await call(gateway, 'GET',
    `/api/trackers/${id}/positions?order=asc&limit=1000`);
  return status === 200 ? body.positions : [];
}

const timesOf = (positions) => positions.map((position) => Date.parse(position.fix_time) - base);

/** A sample of all gateways together. */
async function sum(gateways, outcome) {
  const name = `trackwire_notified_positions_total{outcome="${outcome}"}`;
  let total = 0;
  for (const gateway of gateways) total += (await gateway.metrics())[name];
  return total;
}

const deployments = [['embedded', () => embedded()], ['on Redis', () => shared()],
  ['on Redis and PostgreSQL', onPostgres]];

for (const [name, open] of deployments) {
  test(`what others notify is told once, stored once and there after a restart, ${name}`,
    async () => {
      const {gateways, ways, stop} = await open();
      const last = gateways.at(-1);
      const watcher = await Client.connect(last.url);
      let told = 0;
      for (const way of ways) {
        const start = 1000 * ways.indexOf(way);
        await way(envelope('truck-1', start + 10));
        await way(envelope('truck-1', start + 20));
        await way(envelope(7, start + 30));
        told += 3;
        await watcher.event(location, told);
      }
      await ways[0](envelope('truck-1', -5000));
      await watcher.event(location, ++told);
      await ways[0](envelope('truck-1', 5000, {latitude: 91}));
      await watcher.event(location, ++told);
      // As an application without our vocabulary may write it.
      await ways[0]({message_type: location, tracker_id: 'truck-2', notification: {lat: 1.5,
        lng: '2.5', timestamp: iso(0).slice(0, -1), driver: 'x'}});
      assert.deepEqual(await watcher.event(location, ++told),
        {lat: 1.5, lng: '2.5', timestamp: iso(0).slice(0, -1), driver: 'x'}, 'passed on as it is');

      const expected = [-5000, ...ways.flatMap((_, i) => [1000 * i + 10, 1000 * i + 20])];
      await eventually(async () =>
        (await historyOf(last, 'truck-1')).length === expected.length, 'its history');
      await eventually(async () => (await historyOf(last, '7')).length === ways.length, 'the other');
      await eventually(async () => (await historyOf(last, 'truck-2')).length === 1, 'the third');
      const history = await historyOf(last, 'truck-1');
      assert.deepEqual(timesOf(history), expected);
      assert.equal(history.at(-1).speed, 10, 'metres a second');
      assert.equal(await sum(gateways, 'refused'), 1);
      assert.equal(await sum(gateways, 'late'), 1);
      assert.equal((await trackerOf(last, 'truck-2')).position.latitude, 1.5, 'now, too');
      assert.equal(watcher.of(location).length, told, 'no event was told twice');
      assert.equal(watcher.of('tracker_status_change').length, 0, 'the publisher tells these');
      watcher.close();

      for (const gateway of gateways) await gateway.kill();
      for (const gateway of gateways) await gateway.restart();
      for (const gateway of gateways) {
        const tracker = await trackerOf(gateway, 'truck-1');
        assert.equal(Date.parse(tracker.position.fix_time) - base, expected.at(-1));
        assert.equal((await trackerOf(gateway, 'truck-2')).position.longitude, 2.5);
        assert.ok((await trackerOf(gateway, 7)).position, 'its id keeps its type');
      }
      const again = await Client.connect(last.url);
      const answer = await again.socket.emitWithAck('subscribe', {trackers: ['truck-1', 7]});
      assert.equal(answer.positions.length, 2);
      assert.equal(again.of(location).length, 0);
      await ways[0](envelope('truck-1', 9000));
      await again.event(location);
      await eventually(async () =>
        (await historyOf(last, 'truck-1')).length === expected.length + 1, 'it to go on');
      assert.deepEqual(timesOf(await historyOf(last, 'truck-1')), [...expected, 9000]);
      again.close();
      await stop();
    });
}

test('a gateway that dies while it stores leaves nothing unstored', async () => {
  const {gateways, ways, stop} = await shared();
  const count = 400;
  const [publish] = ways;
  const sent = [];
  for (let i = 0; i < count; ++i) {
    await publish(envelope(`van-${i % 5}`, i));
    sent.push(i);
    // Whoever stores, it is one of these.
    if (i === 150) await gateways[0].kill();
    if (i === 200) await gateways[0].restart();
    if (i === 300) await gateways[1].kill();
    if (i === 330) await gateways[1].restart();
  }
  const stored = async () => {
    const all = [];
    for (let van = 0; van < 5; ++van) {
      all.push(...timesOf(await historyOf(gateways[0], `van-${van}`)));
    }
    return all.sort((a, b) => a - b);
  };
  await eventually(async () => (await stored()).length >= count, 'all of them in the history');
  assert.deepEqual(await stored(), sent);
  await stop();
});

test('without the preset nothing is stored, and unknown trackers are not made unless public',
  async () => {
    const off = await Gateway.start(['--set', 'visibility.unknown_trackers=public']);
    const on = await Gateway.start(['--set', 'ingest.from_notifications=true']);
    const token = await addTracker(on, {id: 'bus-1', public: true});
    const watcher = await Client.connect(on.url);
    for (const gateway of [off, on]) {
      assert.equal((await gateway.post(envelope('bus-1', 0))).status, 202);
      assert.equal((await gateway.post(envelope('stranger', 0))).status, 202);
    }
    await eventually(async () => (await historyOf(on, 'bus-1')).length === 1, 'the one it knows');
    await eventually(async () => await sum([on], 'unknown') === 1, 'the other one to be counted');
    // One that is registered has its status from us, and may push besides.
    const change = await watcher.event('tracker_status_change');
    assert.deepEqual([change.status, change.reason], ['online', 'contact']);
    assert.equal((await push(on, {lat: 1, lon: 2, token})).status, 200);
    await watcher.event(location, 2);
    assert.equal((await historyOf(on, 'bus-1')).length, 2);
    assert.equal(watcher.of(location).length, 2);
    await off.kill();
    await off.restart();
    assert.equal((await historyOf(off, 'bus-1')).length, 0);
    watcher.close();
    await off.stop();
    await on.stop();
  });

test('what was hidden stays hidden when its tracker is removed', async () => {
  const {gateways, ways, stop} = await shared();
  const [first, second] = gateways;
  const [publish] = ways;
  await addTracker(first, {id: 'secret', public: false});
  await eventually(async () =>
    (await call(second, 'GET', '/api/trackers/secret')).status === 200, 'the other to know of it');
  const visitors = await Promise.all(gateways.map(({url}) => Client.connect(url)));
  await publish(envelope('secret', 0));
  assert.equal((await call(first, 'DELETE', '/api/trackers/secret')).status, 204);
  await publish(envelope('secret', 10));
  await eventually(async () =>
    (await call(second, 'GET', '/api/trackers/secret')).status === 404, 'the other to forget it');
  await publish(envelope('secret', 20));
  await publish(envelope('open', 30));
  for (const visitor of visitors) {
    assert.equal((await visitor.event(location)).tracker_id, 'open', 'the first that it gets');
    visitor.close();
  }
  await eventually(async () => (await historyOf(second, 'open')).length === 1, 'the open one');
  assert.equal((await call(first, 'GET', '/api/trackers/secret')).status, 404, 'not made again');
  await stop();
});
