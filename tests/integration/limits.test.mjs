// Who does too much is told so, and who goes on is disconnected; nobody else notices.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway} from './lib/gateway.mjs';
import {durable, RedisServer} from './lib/redis.mjs';
import {member, publisher} from './lib/token.mjs';
import {eventually, within} from './lib/wait.mjs';

const set = (values) => Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`]);

/** A bucket that does not fill while a test runs. */
const few = (key, burst) => ({
  [`rate_limits.${key}_per_second`]: 0.001,
  [`rate_limits.${key}_burst`]: burst,
});
/** These tests stand behind a proxy, which is on this machine. */
const behindProxy = {'http.trusted_proxies': '127.0.0.1'};
const from = (...hops) => ({'x-forwarded-for': hops.join(', ')});

const start = (values, args = []) =>
  Gateway.start(['--threads', '1', ...set({...behindProxy, ...values}), ...args]);

const connect = (gateway, address, options = {}) => Client.connect(gateway.url, {
  reconnection: false, extraHeaders: from(address), ...options});

/** The status of a polling handshake. */
async function handshake(gateway, headers) {
  const {status, headers: answer, body} =
    await gateway.get('/socket.io/?EIO=4&transport=polling', headers);
  return {status, retryAfter: answer.get('retry-after'), body};
}

const refused = async (gateway, kind) =>
  (await gateway.metrics())[`trackwire_rate_limit_refused_total{kind="${kind}"}`];

test('a normal client is never limited', async () => {
  const gateway = await start({});
  const clients = [];
  for (let i = 0; i < 20; ++i) clients.push(await connect(gateway, '203.0.113.9'));
  for (const client of clients) {
    for (let i = 0; i < 20; ++i) client.socket.emit('hello', {i});
  }
  for (let i = 0; i < 50; ++i) {
    assert.equal((await gateway.get('/api/trackers', from('203.0.113.9'))).status, 200);
  }
  const allowed = 'trackwire_rate_limit_allowed_total{kind="event"}';
  await eventually(async () => (await gateway.metrics())[allowed] === 400, 'all events');
  const metrics = await gateway.metrics();
  for (const [name, value] of Object.entries(metrics)) {
    if (/^trackwire_(rate_limit_refused|abuse)/.test(name)) assert.equal(value, 0, name);
  }
  assert.equal(metrics['trackwire_rate_limit_allowed_total{kind="connection"}'], 20);
  assert.ok(clients.every((client) => client.socket.connected));
  clients.forEach((client) => client.close());
  await gateway.stop();
});

test('local programs are not limited unless that is asked for', async () => {
  const gateway = await Gateway.start(['--threads', '1', ...set({...few('connection_address', 2),
    ...few('api_address', 2), ...few('event_session', 2), 'rate_limits.abuse_refusals': 1})]);
  for (let i = 0; i < 10; ++i) {
    assert.equal((await handshake(gateway)).status, 200);
    assert.equal((await gateway.get('/api/trackers')).status, 200);
  }
  const client = await Client.connect(gateway.url);
  for (let i = 0; i < 50; ++i) client.socket.emit('hello');
  await gateway.say('after', 1);
  assert.ok(client.socket.connected);
  assert.equal(await refused(gateway, 'event'), 0);
  client.close();
  await gateway.stop();
});

test('an event too many is answered with an error', async () => {
  const gateway = await start(few('event_session', 5));
  const client = await connect(gateway, '203.0.113.9');
  for (let i = 0; i < 5; ++i) client.socket.emit('hello', i);
  client.socket.emit('no ack asked for');
  const answer = await within(client.socket.emitWithAck('hello', 6), 'an answer');
  assert.equal(answer.error.code, 'rate_limited');
  assert.ok(answer.error.message);
  assert.ok(Number.isInteger(answer.error.retry_after) && answer.error.retry_after > 0);
  assert.equal(await refused(gateway, 'event'), 2);
  const other = await connect(gateway, '203.0.113.9');
  for (let i = 0; i < 5; ++i) other.socket.emit('hello', i);
  assert.equal((await within(other.socket.emitWithAck('hello'), 'an answer')).error.code,
    'rate_limited');
  assert.equal(await refused(gateway, 'event'), 3, 'the other had five of its own');
  client.close();
  other.close();
  await gateway.stop();
});

test('abuse ends the connection, and official clients do not come back by themselves', async () => {
  const gateway = await start({...few('event_session', 5), 'rate_limits.abuse_refusals': 10});
  const client = await connect(gateway, '203.0.113.9', {reconnection: true});
  const neighbour = await connect(gateway, '203.0.113.9');
  for (let i = 0; i < 15; ++i) client.socket.emit('hello', i);
  await eventually(() => client.disconnects.length, 'the end');
  assert.deepEqual(client.disconnects, ['io server disconnect']);
  assert.equal(client.socket.active, false);
  assert.equal((await gateway.metrics())['trackwire_abuse_disconnects_total{cause="events"}'], 1);
  await eventually(() => gateway.log.includes('too many events'), 'a line in the log');
  await gateway.logged(/too many events.*address="?203\.0\.113\.9/);
  assert.ok(neighbour.socket.connected);
  neighbour.close();
  await gateway.stop();
});

test('packets that are no events count too', async () => {
  const gateway = await start({'rate_limits.packets_per_second': 0.01,
    'rate_limits.packets_burst': 50});
  const client = await connect(gateway, '203.0.113.9');
  // CONNECTs to a namespace that is not there.
  for (let i = 0; i < 100; ++i) client.socket.io.engine.write('0/nowhere,');
  await eventually(() => client.disconnects.length, 'the end');
  assert.equal((await gateway.metrics())['trackwire_abuse_disconnects_total{cause="packets"}'], 1);
  await gateway.stop();
});

test('connections count by the address that a trusted proxy names', async () => {
  const gateway = await start(few('connection_address', 3));
  const clients = [];
  for (let i = 0; i < 3; ++i) clients.push(await connect(gateway, '203.0.113.9'));
  const refusal = await handshake(gateway, from('203.0.113.9'));
  assert.equal(refusal.status, 429);
  assert.ok(Number(refusal.retryAfter) > 0);
  assert.equal(refusal.body.error.code, 'rate_limited');
  assert.equal(refusal.body.error.retry_after, Number(refusal.retryAfter));
  // What a client says of itself stands further left.
  assert.equal((await handshake(gateway, from('198.51.100.1', '203.0.113.9'))).status, 429);
  assert.equal((await handshake(gateway, from('203.0.113.9', '198.51.100.1'))).status, 200);
  // Another spelling of the same, and another client.
  assert.equal((await handshake(gateway, from('::ffff:203.0.113.9'))).status, 429);
  assert.equal((await handshake(gateway, from('203.0.113.10:4711'))).status, 200);
  assert.equal(await refused(gateway, 'connection'), 3);
  clients.forEach((client) => client.close());
  await gateway.stop();
});

test('nobody is believed who is not a trusted proxy', async () => {
  const gateway = await Gateway.start(['--threads', '1', ...set({
    ...few('connection_address', 3), 'rate_limits.loopback': true,
    'http.trusted_proxies': '198.51.100.0/24'})]);
  const statuses = [];
  for (let i = 0; i < 5; ++i) {
    statuses.push((await handshake(gateway, from(`203.0.113.${i}`))).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
  await gateway.stop();
});

test('requests of the API count by user and by address', async () => {
  const gateway = await start({...few('api_user', 2), ...few('api_address', 4)});
  const get = async (address, token) => {
    const headers = {...from(address), ...(token ? {authorization: `Bearer ${token}`} : {})};
    return gateway.get('/api/trackers', headers);
  };
  const alice = member('acme');
  assert.equal((await get('203.0.113.1', alice)).status, 200);
  assert.equal((await get('203.0.113.2', alice)).status, 200);
  const refusal = await get('203.0.113.3', alice);
  assert.equal(refusal.status, 429);
  assert.equal(refusal.body.error.code, 'rate_limited');
  assert.equal(refusal.body.error.retry_after, Number(refusal.headers.get('retry-after')));
  const anonymous = [];
  for (let i = 0; i < 5; ++i) anonymous.push((await get('203.0.113.4')).status);
  assert.deepEqual(anonymous, [200, 200, 200, 200, 429]);
  await gateway.stop();
});

test('a flood of bad tokens and foreign cookies does not flood the log', async () => {
  const gateway = await start(few('api_address', 4));
  for (let i = 0; i < 10; ++i) {
    await gateway.get('/api/trackers', {...from('203.0.113.1'), authorization: 'Bearer none'});
    await gateway.get('/api/trackers', {...from('203.0.113.2'), cookie: 'access_token=none',
      origin: 'https://elsewhere.test'});
  }
  await gateway.stop();
  assert.equal(gateway.log.split('a token was refused').length - 1, 4);
  assert.equal(gateway.log.split("another site's page sent").length - 1, 4);
});

test('who may not publish is limited, and publishers are not', async () => {
  const gateway = await start({...few('api_user', 1), ...few('api_address', 2)});
  const post = async (address, headers) => {
    const {status} = await fetch(`${gateway.url}/api/notifications`, {method: 'POST', body: '{}',
      headers: {'content-type': 'application/json', ...from(address), ...headers}});
    return status;
  };
  const statuses = [];
  for (let i = 0; i < 3; ++i) statuses.push(await post('203.0.113.1', {}));
  assert.deepEqual(statuses, [401, 401, 429]);
  for (let i = 0; i < 3; ++i) {
    statuses[i] = await post('203.0.113.2', {authorization: 'Bearer none'});
  }
  assert.deepEqual(statuses, [401, 401, 429]);
  const authorization = `Bearer ${member('acme')}`;
  for (let i = 0; i < 3; ++i) statuses[i] = await post('203.0.113.3', {authorization});
  assert.deepEqual(statuses, [403, 403, 429]);
  for (let i = 0; i < 3; ++i) {
    statuses[i] = await post('203.0.113.3', {authorization: `Bearer ${publisher()}`});
  }
  assert.deepEqual(statuses, [400, 400, 400], 'an empty notification, but somebody who may');
  await gateway.stop();
});

test('GraphQL has limits of its own', async () => {
  const gateway = await start({...few('graphql_user', 2), ...few('graphql_address', 4),
    ...few('api_address', 1)});
  const ask = async (address, token) => {
    const response = await fetch(`${gateway.url}/graphql`, {method: 'POST',
      headers: {'content-type': 'application/json', ...from(address),
        ...(token ? {authorization: `Bearer ${token}`} : {})},
      body: JSON.stringify({query: '{ __typename }'})});
    return {status: response.status, retryAfter: Number(response.headers.get('retry-after')),
      body: await response.json()};
  };
  const alice = member('acme');
  assert.equal((await ask('203.0.113.1', alice)).status, 200);
  assert.equal((await ask('203.0.113.2', alice)).status, 200);
  const refusal = await ask('203.0.113.3', alice);
  assert.equal(refusal.status, 429);
  const [{extensions}] = refusal.body.errors;
  assert.equal(extensions.code, 'rate_limited');
  assert.equal(extensions.retry_after, refusal.retryAfter);
  const anonymous = [];
  for (let i = 0; i < 5; ++i) anonymous.push((await ask('203.0.113.4')).status);
  assert.deepEqual(anonymous, [200, 200, 200, 200, 429]);
  assert.equal(await refused(gateway, 'graphql'), 2);
  assert.equal(await refused(gateway, 'api'), 0);
  await gateway.stop();
});

test('gateways on one Redis share their buckets', async () => {
  const server = await RedisServer.start(durable);
  const rules = {...few('connection_address', 4), ...few('api_address', 4),
    ...few('event_user', 20)};
  const gateways = [];
  for (let i = 0; i < 2; ++i) gateways.push(await start(rules, ['--redis', server.url]));
  const clients = [];
  const token = member('acme');
  for (let i = 0; i < 4; ++i) clients.push(await connect(gateways[i % 2], '203.0.113.9', {token}));
  for (const gateway of gateways) {
    const late = new Client(gateway.url, {reconnection: false, extraHeaders: from('203.0.113.9')});
    const refusal = await late.refusal();
    assert.equal(refusal.data.code, 'rate_limited');
    assert.ok(refusal.data.retry_after > 0);
    late.close();
  }
  const statuses = [];
  for (let i = 0; i < 6; ++i) {
    statuses.push((await gateways[i % 2].get('/api/trackers', from('203.0.113.9'))).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 429, 429]);
  // Events of one user, on both: what is allowed has no handler here, and so no answer.
  const answered = (client) => client.socket.timeout(300).emitWithAck('hello').catch(() => null);
  for (const client of clients) {
    for (let i = 0; i < 10; ++i) client.socket.emit('hello', i);
  }
  for (const client of clients) {
    const {error} = await eventually(() => answered(client), 'a refusal on each connection');
    assert.equal(error.code, 'rate_limited');
  }
  assert.ok(Number(await server.ask('EXISTS', 'socket:limit:api:address:203.0.113.9')));
  clients.forEach((client) => client.close());
  for (const gateway of gateways) await gateway.stop();
  await server.stop();
});

test('without Redis each gateway limits by itself', async () => {
  const server = await RedisServer.start(durable);
  const gateway = await start(few('api_address', 3), ['--redis', server.url]);
  await server.kill();
  await eventually(async () => (await gateway.get('/readyz')).status === 503, 'the loss of Redis');
  const statuses = [];
  for (let i = 0; i < 5; ++i) {
    statuses.push((await gateway.get('/api/trackers', from('203.0.113.9'))).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
  assert.ok((await gateway.metrics()).trackwire_rate_limit_alone_total >= 5);
  await gateway.stop();
  await server.stop();
});
