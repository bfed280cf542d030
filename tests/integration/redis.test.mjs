// Gateways and fetchers on one Redis, as whoever runs them sees them.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';

import {Client} from './lib/client.mjs';
import {FetcherProcess} from './lib/fetcher.mjs';
import {Gateway, run} from './lib/gateway.mjs';
import {durable, RedisServer} from './lib/redis.mjs';
import {eventually} from './lib/wait.mjs';

const event = 'tracker_location_updated';
const position = (id, n) => JSON.stringify({message_type: event,
  notification: {tracker_id: id, latitude: 52.5, longitude: 13.4, n}});

const dropIn = (server, more = []) =>
  Gateway.start(['--drop-in', '--redis', server.url, '--threads', '1', ...more]);

async function pair(server, more) {
  const gateways = [await dropIn(server, more), await dropIn(server, more)];
  const clients = [];
  for (const {url} of gateways) clients.push(await Client.connect(url));
  return {gateways, clients};
}

async function end({gateways = [], clients = []}) {
  clients.forEach((client) => client.close());
  for (const gateway of gateways) await gateway.stop();
}

test('what any publisher says reaches the clients of every gateway once', async () => {
  const server = await RedisServer.start();
  const {gateways, clients} = await pair(server);
  assert.match(gateways[0].output, /broker {4}Redis redis:\/\/127\.0\.0\.1/);
  await server.ask('PUBLISH', 'socket:notifications', position('van', 1));
  for (const client of clients) await client.reach(event, 1);
  await server.ask('XADD', 'socket:notification:inbox', '*', 'envelope', position('van', 2));
  for (const client of clients) await client.reach(event, 2);
  const answer = await gateways[1].post(JSON.parse(position('van', 3)));
  assert.equal(answer.status, 202);
  for (const client of clients) await client.reach(event, 3);
  // A key beside the envelope, and the id within another, are the same key.
  await server.ask('XADD', 'socket:notification:inbox', '*', 'envelope', position('van', 4),
    'key', 'four');
  for (const client of clients) await client.reach(event, 4);
  const again = await gateways[0].post({...JSON.parse(position('van', 4)), id: 'four'});
  assert.equal(again.body.results[0].duplicate, true);
  await server.ask('PUBLISH', 'socket:notifications', 'garbage');
  await server.ask('PUBLISH', 'socket:notifications', position('van', 5));
  for (const client of clients) {
    await client.reach(event, 5);
    assert.deepEqual(client.numbers(event), [1, 2, 3, 4, 5]);
  }
  const metrics = await Promise.all(gateways.map((gateway) => gateway.metrics()));
  const sum = (name) => metrics.reduce((all, each) => all + each[name], 0);
  assert.equal(sum('trackwire_notifications_published_total{source="channel"}'), 2);
  assert.equal(sum('trackwire_notifications_duplicate_total{source="channel"}'), 2);
  assert.equal(sum('trackwire_notifications_rejected_total{source="channel"}'), 2);
  assert.equal(sum('trackwire_notifications_published_total{source="inbox"}'), 2);
  await end({gateways, clients});
  await server.stop();
});

test('a publisher written in Python needs no change', async () => {
  const server = await RedisServer.start();
  const {gateways, clients} = await pair(server);
  const script = `
import json, sys, redis
r = redis.Redis(port=int(sys.argv[1]))
for n in range(1, 51):
    r.publish("socket:notifications", json.dumps({"message_type": "${event}", "tracker_id": None,
        "socket_id": None, "notification": {"tracker_id": "py", "latitude": 1.5, "longitude": 2.5,
        "n": n}}))
`;
  const child = spawn('/usr/bin/python3', ['-c', script, String(server.port)], {stdio: 'inherit'});
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  const all = Array.from({length: 50}, (_, i) => i + 1);
  for (const client of clients) {
    await client.reach(event, 50);
    assert.deepEqual(client.numbers(event), all);
  }
  await end({gateways, clients});
  await server.stop();
});

test('a gateway that starts later knows the latest positions and floods nobody', async () => {
  const server = await RedisServer.start();
  const first = await dropIn(server);
  for (let n = 1; n <= 20; ++n) await first.post(JSON.parse(position(`van ${n % 5}`, n)));
  const second = await dropIn(server);
  const {body} = await second.get('/api/trackers');
  assert.deepEqual(body.trackers.map((tracker) => tracker.position.n), [20, 16, 17, 18, 19]);
  const client = await Client.connect(second.url);
  await first.post(JSON.parse(position('van 1', 21)));
  await client.reach(event, 21);
  assert.deepEqual(client.numbers(event), [21]);
  await end({gateways: [first, second], clients: [client]});
  await server.stop();
});

test('without Redis a gateway keeps its clients, is not ready, and refuses soon', async () => {
  const server = await RedisServer.start(durable);
  const {gateways, clients} = await pair(server);
  const [gateway] = gateways;
  assert.equal((await gateway.get('/readyz')).status, 200);
  await server.kill();
  const away = await eventually(async () => {
    const answer = await gateway.get('/readyz');
    return answer.status === 503 && answer;
  }, 'readiness to go off');
  assert.equal(away.body.ready, false);
  assert.match(away.body.degraded[0], /^broker: Redis at redis:\/\/127/);
  assert.equal((await gateway.get('/healthz')).status, 200);
  // Another second and it does not even try.
  await eventually(() => gateway.log.includes('the broker is away'), 'the gateway to notice');
  const refused = await gateway.post(JSON.parse(position('van', 1)));
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(refused.body.error.code, 'unavailable');
  await server.restart();
  await eventually(async () => (await gateway.get('/readyz')).status === 200, 'readiness');
  await eventually(async () => (await gateway.post(JSON.parse(position('van', 2)))).status === 202,
    'notifications to be taken again');
  for (const client of clients) {
    await client.reach(event, 2);
    assert.equal(client.disconnects.length, 0);
  }
  await end({gateways, clients});
  await server.stop();
});

test('a gateway ends in order also when Redis is away', async () => {
  const server = await RedisServer.start();
  const {gateways, clients} = await pair(server, ['--set', 'drain.limit_s=6']);
  await server.kill();
  gateways[0].signal('SIGTERM');
  assert.equal(await gateways[0].ended(), 0);
  await eventually(() => clients[0].disconnects.length > 0, 'the client to be sent away');
  assert.match(clients[0].disconnects[0], /^transport (close|error)$/);
  await end({gateways, clients});
  await server.stop();
});

test('a client that leaves one gateway resumes on another', async () => {
  const server = await RedisServer.start();
  const {gateways, clients: [client, other]} = await pair(server);
  await gateways[0].post(JSON.parse(position('van', 1)));
  await client.reach(event, 1);
  gateways[0].signal('SIGTERM');
  await eventually(() => client.disconnects.length === 1, 'the drain');
  client.socket.io.uri = gateways[1].url;
  await gateways[1].post(JSON.parse(position('van', 2)));
  await client.reach(event, 2);
  assert.equal((await client.event('session', 2)).recovered, true);
  assert.deepEqual(client.numbers(event), [1, 2]);
  assert.equal(await gateways[0].ended(), 0);
  await end({gateways, clients: [client, other]});
  await server.stop();
});

test('when Redis has lost everything, clients start anew', async () => {
  const server = await RedisServer.start();
  const {gateways, clients} = await pair(server);
  await gateways[0].post(JSON.parse(position('van', 1)));
  for (const client of clients) await client.reach(event, 1);
  await server.ask('FLUSHALL');
  await gateways[0].post(JSON.parse(position('van', 2)));
  for (const client of clients) {
    assert.equal((await client.event('session', 2)).recovered, false);
    assert.match(client.disconnects[0], /^transport (close|error)$/);
  }
  await gateways[1].post(JSON.parse(position('van', 3)));
  for (const client of clients) await client.reach(event, 3);
  assert.ok((await gateways[1].metrics()).trackwire_log_breaks_total >= 1);
  await end({gateways, clients});
  await server.stop();
});

test('a fetcher feeds all gateways, and another takes over', async () => {
  const server = await RedisServer.start();
  const gateway = await Gateway.start(['--redis', server.url, '--threads', '1']);
  const recording = join(gateway.directory, 'buses.csv');
  const rows = ['id,time,lat,lon'];
  for (let second = 0; second < 3600; ++second) {
    rows.push(`bus,${1_700_000_000 + second},${50 + second / 10_000},8`);
  }
  await writeFile(recording, rows.join('\n'));
  const settings = {
    'database.url': `sqlite://${join(gateway.directory, 'trackwire.db')}`,
    'replay.file': recording,
    'replay.columns': 'id=id,time=time,latitude=lat,longitude=lon,time_format=seconds',
    'replay.speed': 20,
    'replay.public': true,
  };
  // Nobody may see unknown trackers here: what arrives proves that the gateway has read the store.
  const client = await Client.connect(gateway.url);
  const fetchers = [await FetcherProcess.start(server.url, settings)];
  await client.event(event, 20);
  fetchers.push(await FetcherProcess.start(server.url, settings));
  await eventually(() => fetchers[1].log.includes('another fetcher may run'), 'the second one');
  await fetchers[0].kill();
  await eventually(() => fetchers[1].log.includes('taking over a provider'), 'the take-over', 30_000);
  const before = client.of(event).length;
  await client.event(event, before + 20);
  const times = client.of(event).map((at) => at.fix_time);
  assert.deepEqual(times, [...times].sort(), 'in order');
  assert.equal(new Set(times).size, times.length, 'each once');
  const {body} = await gateway.get('/api/trackers');
  assert.equal(body.trackers[0].status.connectivity, 'online');
  await end({gateways: [gateway], clients: [client]});
  for (const fetcher of fetchers) await fetcher.stop();
  await server.stop();
});

test('namespaces are shared with other Socket.IO servers, and only those that are named', async () => {
  const server = await RedisServer.start();
  const shared = ['--set', 'neighbours.adapters=/py=python,/chat=classic'];
  const {gateways, clients} = await pair(server, shared);
  assert.match(gateways[0].output, /shares {4}\/py=python/);
  const guests = gateways.map(({url}) => new Client(`${url}/py`));
  for (const guest of guests) {
    await eventually(() => guest.socket.connected, 'the namespace');
  }
  // As a manager of python-socketio writes it.
  const emit = (namespace, data) => server.ask('PUBLISH', 'socketio', JSON.stringify({method: 'emit',
    event: 'hi', data, namespace, room: null, skip_sid: null, callback: null, host_id: 'x'}));
  await server.ask('PUBLISH', 'socketio', 'garbage');
  await emit('/', {n: 0});
  await emit('/py', {n: 1});
  for (const guest of guests) {
    await guest.reach('hi', 1);
    assert.deepEqual(guest.numbers('hi'), [1]);
  }
  for (const client of clients) assert.deepEqual(client.numbers('hi'), []);
  const metrics = await gateways[0].metrics();
  assert.equal(metrics['trackwire_neighbour_messages_total{outcome="bad"}'], 1);
  gateways[0].signal('SIGTERM');
  assert.equal(await gateways[0].ended(), 0);
  await end({gateways, clients: [...clients, ...guests]});
  await server.stop();
});

test('wrong use is said at once', async () => {
  const fetch = await run(['fetch']);
  assert.equal(fetch.code, 2);
  assert.match(fetch.stderr, /redis\.url is needed/);
  const demo = await run(['serve', '--demo', '--redis', 'redis://127.0.0.1:1']);
  assert.equal(demo.code, 2);
  assert.match(demo.stderr, /--demo runs with the embedded broker/);
  const nobody = await run(['serve', '--redis', 'redis://me:hush@127.0.0.1:1', '--set',
    'redis.start_timeout_ms=300']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /127\.0\.0\.1:1/);
  assert.doesNotMatch(nobody.stderr + nobody.stdout, /hush/);
});
