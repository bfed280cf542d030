// Gateways behind a balancer that knows nothing of clients: every request of a polling client, and
// its upgrade, may come to another gateway than the last one.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import net from 'node:net';
import {after, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Fleet} from './lib/fleet.mjs';
import {sized} from './lib/figures.mjs';
import {RedisServer} from './lib/redis.mjs';
import {RoundRobin} from './lib/round-robin.mjs';
import {eventually, within} from './lib/wait.mjs';

const open = [];
after(() => Promise.all(open.reverse().map((end) => end())));

/** Three gateways that know each other, on a Redis of their own, behind a balancer. */
async function scene({count = 3, more = []} = {}) {
  const redis = await RedisServer.start();
  open.push(() => redis.stop());
  const fleet = await Fleet.start(count, redis.url,
    ['--set', 'visibility.public_events=news', '--threads', '2', ...more]);
  open.push(() => fleet.stop());
  const balancer = await RoundRobin.over(fleet.ports);
  open.push(() => balancer.close());
  return {redis, fleet, balancer};
}

async function known(gateways, count) {
  for (const gateway of gateways) {
    await eventually(async () => (await gateway.metrics()).trackwire_gateways_known === count,
      `a gateway to know ${count} others`);
  }
}

async function sum(fleet, name) {
  const all = await Promise.all(fleet.alive.map((gateway) => gateway.metrics()));
  return all.reduce((total, one) => total + (one[name] ?? 0), 0);
}

function connectAll(url, count, options) {
  return Promise.all(Array.from({length: count}, () => Client.connect(url, options)));
}

/** Says 1 to `last`, each through another gateway, and waits until every client has heard it. */
async function sayAll(fleet, clients, first, last) {
  for (let n = first; n <= last; ++n) await fleet.any().say('news', n);
  for (const client of clients) await client.reach('news', last);
}

const upTo = (n) => Array.from({length: n}, (_, i) => i + 1);

function expectExact(clients, last) {
  for (const client of clients) assert.deepEqual(client.numbers('news'), upTo(last));
}

/** A python-socketio client that ends once it has heard `last`; what it heard. */
function python(port, transports, last) {
  const script = `
import json, sys, threading, socketio
numbers, done = [], threading.Event()
client = socketio.Client(reconnection=False)
ready = threading.Event()
client.on("session", lambda *a: ready.set())
@client.on("news")
def news(payload, *rest):
    numbers.append(payload["n"])
    if payload["n"] == int(sys.argv[3]):
        done.set()
client.connect("http://127.0.0.1:" + sys.argv[1], transports=sys.argv[2].split(","))
assert ready.wait(30)
print("ready", flush=True)
assert done.wait(60)
print(json.dumps({"numbers": numbers, "transport": client.transport()}), flush=True)
client.disconnect()
`;
  const child = spawn('/usr/bin/python3',
    ['-B', '-c', script, `${port}`, transports.join(','), `${last}`]);
  open.push(() => child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  return {
    ready: () => eventually(() => {
      if (child.exitCode !== null) throw new Error(errors);
      return output.includes('ready');
    }, 'python-socketio to connect'),
    heard: async () => {
      if (child.exitCode === null) await within(once(child, 'close'), 'python-socketio to end');
      assert.equal(child.exitCode, 0, errors);
      return JSON.parse(output.split('\n')[1]);
    },
  };
}

test('clients behind a balancer without affinity get everything once and in order', async () => {
  const {fleet, balancer} = await scene();
  await known(fleet.gateways, 2);
  assert.match(fleet.gateways[0].output,
    /forwards {2}to other gateways, and theirs come to 127\.0\.0\.1:\d+/);
  const {url} = balancer;
  const clients = [
    ...await connectAll(url, sized(50, 300), {transports: ['polling']}),
    ...await connectAll(url, sized(20, 100), {transports: ['polling', 'websocket']}),
    ...await connectAll(url, 5, {transports: ['websocket']}),
  ];
  const snakes = [['polling'], ['polling', 'websocket']].map((ways) =>
    python(balancer.port, ways, 60));
  for (const snake of snakes) await snake.ready();
  await eventually(() => clients.filter(
    (client) => client.socket.io.engine.transport.name === 'websocket').length === sized(25, 105),
  'the upgrades');
  await sayAll(fleet, clients, 1, 60);
  expectExact(clients, 60);
  for (const snake of snakes) assert.deepEqual((await snake.heard()).numbers, upTo(60));
  for (const client of clients) assert.deepEqual(client.disconnects, []);

  // Two of three requests reach the wrong gateway.
  assert.ok(await sum(fleet, 'trackwire_forwarded_requests_total') > balancer.requests / 3);
  assert.ok(await sum(fleet, 'trackwire_forwarded_websockets_total') > 0);
  assert.equal(await sum(fleet, 'trackwire_forwarded_not_answered_total{reason="failed"}'), 0);
  assert.equal(await sum(fleet, 'trackwire_forwarding_forged_total'), 0);
  assert.equal(await sum(fleet, 'trackwire_connections{transport="polling"}'), sized(50, 300));

  // Clients that go are gone for their gateways, too.
  clients.forEach((client) => client.close());
  await eventually(async () => await sum(fleet, 'trackwire_connections{transport="polling"}') === 0 &&
    await sum(fleet, 'trackwire_connections{transport="websocket"}') === 0 &&
    await sum(fleet, 'trackwire_forwarded_open') === 0, 'all to be gone');
});

test('clients of a gateway that is killed go on elsewhere', async () => {
  const {fleet, balancer} = await scene();
  await known(fleet.gateways, 2);
  const clients = [
    ...await connectAll(balancer.url, 30, {transports: ['polling']}),
    ...await connectAll(balancer.url, 15, {transports: ['polling', 'websocket']}),
  ];
  await sayAll(fleet, clients, 1, 10);
  const [dead] = fleet.gateways;
  await fleet.kill(0);
  balancer.leaveOut(dead.port);
  await sayAll(fleet, clients, 11, 30);
  await eventually(() => clients.every((client) => client.socket.connected), 'all to be back');
  await known(fleet.alive, 1);
  await fleet.restart(0);
  balancer.takeIn(dead.port);
  await known(fleet.gateways, 2);
  await sayAll(fleet, clients, 31, 50);
  expectExact(clients, 50);
  const back = clients.filter((client) => client.disconnects.length > 0);
  assert.ok(back.length >= 10, `${back.length} were cut off`);
  for (const client of back) assert.ok(client.of('session').at(-1).recovered);
  clients.forEach((client) => client.close());
});

test('clients of a gateway that is drained go on elsewhere', async () => {
  const {fleet, balancer} = await scene({more: ['--set', 'drain.notice_ms=500',
    '--set', 'drain.per_second=50']});
  await known(fleet.gateways, 2);
  const clients = [
    ...await connectAll(balancer.url, 30, {transports: ['polling']}),
    ...await connectAll(balancer.url, 15, {transports: ['polling', 'websocket']}),
  ];
  await sayAll(fleet, clients, 1, 10);
  const [gone] = fleet.gateways;
  fleet.leaveOut(0);
  balancer.leaveOut(gone.port);
  gone.signal('SIGTERM');
  await sayAll(fleet, clients, 11, 30);
  assert.equal(await gone.ended(), 0, gone.log);
  await known(fleet.alive, 1);
  await sayAll(fleet, clients, 31, 50);
  expectExact(clients, 50);
  clients.forEach((client) => client.close());
});

async function handshake(gateway) {
  const {status, body} = await gateway.get('/socket.io/?EIO=4&transport=polling');
  assert.equal(status, 200);
  return JSON.parse(body.slice(1)).sid;
}

const poll = (sid) => `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
/** Joins the namespace over a session; what the gateway says of the request. */
async function join(gateway, sid) {
  const response = await fetch(gateway.url + poll(sid), {method: 'POST', body: '40'});
  return response.text();
}

const unknown = {code: 1, message: 'Session ID unknown'};

test('nobody outside passes for a gateway', async () => {
  const {fleet} = await scene({count: 2});
  const [first, second] = fleet.gateways;
  await known(fleet.gateways, 1);
  const internal = /theirs come to (127\.0\.0\.1:\d+)/.exec(first.output)[1];
  const sid = await handshake(first);
  const forged = {'trackwire-forwarded': `10.9.9.9 https ${'A'.repeat(43)}`};

  for (const gateway of [first, second]) {
    assert.equal((await gateway.get(poll(sid), forged)).status, 403);
    assert.equal((await gateway.get('/socket.io/?EIO=4&transport=polling', forged)).status, 403);
  }
  for (const headers of [{}, forged, {'trackwire-forwarded': 'x'}]) {
    for (const path of [poll(sid), '/socket.io/?EIO=4&transport=polling']) {
      assert.equal((await fetch(`http://${internal}${path}`, {headers})).status, 403);
    }
  }
  // And the place for gateways serves nothing else.
  for (const path of ['/', '/metrics', '/api/trackers', '/healthz']) {
    assert.equal((await fetch(`http://${internal}${path}`)).status, 404);
  }
  assert.equal((await first.metrics()).trackwire_forwarding_forged_total, 8);
  assert.equal((await second.metrics()).trackwire_forwarding_forged_total, 2);
  // The session has lived through all of it.
  assert.equal(await join(second, sid), 'ok');
  assert.match((await second.get(poll(sid))).body, /^40/);
});

test('a session that nobody has is unknown at once', async () => {
  const {fleet} = await scene({count: 2});
  const [first, second] = fleet.gateways;
  await known(fleet.gateways, 1);
  const sid = await handshake(first);
  await first.kill();
  const answer = await second.get(poll(sid));
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.body, unknown);
  const nobodys = Buffer.alloc(30, 7).toString('base64url');
  assert.deepEqual((await second.get(poll(nobodys))).body, unknown);
});

test('a client that breaks off its poll at the wrong gateway loses its session', async () => {
  const {fleet} = await scene({count: 2});
  const [first, second] = fleet.gateways;
  await known(fleet.gateways, 1);
  const sid = await handshake(first);
  const socket = net.connect(second.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`GET ${poll(sid)} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await eventually(async () => (await second.metrics()).trackwire_forwarded_open === 1,
    'the poll to be on its way');
  const polling = 'trackwire_connections{transport="polling"}';
  assert.equal((await first.metrics())[polling], 1);
  socket.resetAndDestroy();
  await eventually(async () => (await first.metrics())[polling] === 0, 'the session to end');
  assert.equal((await second.metrics())['trackwire_forwarded_not_answered_total{reason="aborted"}'], 1);
});

test('without forwarding the sessions of others are unknown, and the log says so', async () => {
  const redis = await RedisServer.start();
  open.push(() => redis.stop());
  const fleet = await Fleet.start(2, redis.url, ['--set', 'gateway.internal_listen=off']);
  open.push(() => fleet.stop());
  const [first, second] = fleet.gateways;
  assert.match(first.output, /^ +off .*forwarding/m);
  const sid = await handshake(first);
  assert.equal(await join(first, sid), 'ok');
  assert.deepEqual((await second.get(poll(await handshake(first)))).body, unknown);
  assert.equal((await first.metrics()).trackwire_gateways_known, undefined);
});
