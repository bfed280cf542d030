// The life of a session, with the program, official clients and, for several gateways, a real Redis.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway} from './lib/gateway.mjs';
import {durable, RedisServer} from './lib/redis.mjs';
import {admin, member, token} from './lib/token.mjs';
import {eventually, within} from './lib/wait.mjs';

const now = () => Math.floor(Date.now() / 1000);
const aliceToken = (claims = {}) =>
  token({sub: 'alice', role: 'user', clients: ['acme'], iat: now(), ...claims});

async function call(gateway, method, path, {as = admin(), body} = {}) {
  const response = await fetch(gateway.url + path, {
    method,
    headers: {...(as ? {authorization: `Bearer ${as}`} : {}),
      ...(body ? {'content-type': 'application/json'} : {})},
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return {status: response.status, body: text ? JSON.parse(text) : undefined};
}
const list = async (gateway, query = '') =>
  (await call(gateway, 'GET', `/api/sessions${query}`)).body.sessions;
const find = async (gateway, client) =>
  (await list(gateway)).find(({sid}) => sid === client.socket.id);
const authenticate = (client, text) =>
  within(client.socket.emitWithAck('authenticate', {token: text}), 'an answer');
/** The reason with which the `count`-th `session` came. */
const reason = async (client, count = 2) => (await client.event('session', count)).reason;
const tell = (gateway, n, client = 'acme') =>
  gateway.post({message_type: 'memo', notification: {n}, client_id: client});
/** Who comes with a token is let in as that, or why not. */
async function knock(gateway, text) {
  const client = new Client(gateway.url, {token: text, reconnection: false});
  let refused;
  client.socket.once('connect_error', ({data}) => (refused = data.code));
  const answer = await eventually(
    () => (client.of('session').length ? client.of('session')[0].user ?? 'visitor' : refused),
    'an answer');
  client.close();
  return answer;
}

let gateway;
before(async () => {
  gateway = await Gateway.start(['--threads', '2', '--set', 'gateway.name=north',
    '--set', 'auth.leeway_s=0']);
});
after(() => gateway.stop());

test('a token that expires makes its socket anonymous within a second or so', async () => {
  const exp = now() + 2;
  const client = await Client.connect(gateway.url, {token: aliceToken({exp})});
  assert.equal(client.of('session')[0].user, 'alice');
  const session = await client.event('session', 2);
  assert.ok(Date.now() >= exp * 1000, 'not before its time');
  assert.deepEqual(session, {user: null, roles: [], permissions: [], clients: [],
    expires_at: null, recovered: false, replayed: 0, reason: 'expired'});
  assert.equal((await find(gateway, client)).user, null);
  assert.equal((await authenticate(client, aliceToken())).session.user, 'alice');
  assert.equal(await reason(client, 3), 'authenticated');
  await tell(gateway, 1);
  await client.reach('memo', 1);
  client.close();
});

test('a visitor signs in, is told why not, and changes who it is', async () => {
  const client = await Client.connect(gateway.url);
  assert.equal((await authenticate(client, 'nonsense')).error.code, 'token_invalid');
  assert.equal((await authenticate(client, aliceToken({exp: 1}))).error.code, 'token_expired');
  assert.equal((await authenticate(client)).error.code, 'token_missing');
  assert.equal(client.of('session').length, 1);
  const {session} = await authenticate(client, aliceToken());
  assert.deepEqual(session.clients, ['acme']);
  assert.deepEqual(Object.keys(session), ['user', 'roles', 'permissions', 'clients', 'expires_at']);
  await authenticate(client, member('other'));
  await tell(gateway, 2);
  await tell(gateway, 3, 'other');
  await client.reach('memo', 3);
  assert.deepEqual(client.numbers('memo'), [3]);
  assert.equal((await find(gateway, client)).user, 'user of other');
  client.close();
});

test('admins see who is connected, page by page', async () => {
  const clients = [];
  for (let i = 0; i < 5; ++i) {
    clients.push(await Client.connect(gateway.url, {token: aliceToken({jti: `page-${i}`}),
      transports: [i % 2 ? 'polling' : 'websocket'], auth: {token: aliceToken({jti: `page-${i}`})}}));
  }
  const mine = await find(gateway, clients[0]);
  assert.match(mine.connected_at, /^\d{4}-.*Z$/);
  assert.deepEqual({...mine, connected_at: 0, sid: 0, expires_at: 0}, {
    sid: 0, user: 'alice', roles: ['user'], permissions: [], clients: ['acme'], expires_at: 0,
    token_id: 'page-0', address: '127.0.0.1', transport: 'websocket', gateway: 'north',
    connected_at: 0, away: false});
  assert.equal((await find(gateway, clients[1])).transport, 'polling');
  const seen = [];
  let after = '';
  do {
    const {body} = await call(gateway, 'GET', `/api/sessions?limit=2&after=${after}`);
    assert.ok(body.sessions.length <= 2);
    seen.push(...body.sessions.map(({sid}) => sid));
    after = body.next;
  } while (after !== null);
  for (const {socket} of clients) assert.equal(seen.filter((sid) => sid === socket.id).length, 1);
  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'limit=']) {
    const {status, body} = await call(gateway, 'GET', `/api/sessions?${query}`);
    assert.equal(status, 400);
    assert.equal(body.error.code, 'bad_request');
  }
  clients.forEach((client) => client.close());
});

test('only admins may list, end and revoke, and what was refused is written down', async () => {
  const routes = [['GET', '/api/sessions'], ['DELETE', '/api/sessions/some-sid'],
    ['GET', '/api/revocations'], ['POST', '/api/revocations', {jti: 'some-token'}]];
  for (const [method, path, body] of routes) {
    assert.equal((await call(gateway, method, path, {as: null, body})).status, 401, path);
    assert.equal((await call(gateway, method, path, {as: aliceToken(), body})).status, 403, path);
  }
  assert.equal((await call(gateway, 'POST', '/api/sessions/some-sid')).status, 405);
  await eventually(() => /audit: session\.end by=alice .*target=some-sid outcome=forbidden/.test(gateway.log),
    'the audit line');
  await gateway.logged(/audit: token\.revoke by=- .*target=some-token outcome=unauthorized/);
});

test('ending a session disconnects its client, which does not come back by itself', async () => {
  const text = aliceToken({jti: 'ended'});
  const client = await Client.connect(gateway.url, {token: text});
  const {id} = client.socket;
  assert.equal((await call(gateway, 'DELETE', `/api/sessions/${id}`)).status, 204);
  await eventually(() => client.disconnects[0] === 'io server disconnect', 'the end');
  assert.equal(client.socket.active, false);
  assert.equal((await call(gateway, 'DELETE', `/api/sessions/${id}`)).status, 404);
  assert.equal(await knock(gateway, text), 'alice');

  const again = await Client.connect(gateway.url, {token: text});
  const sid = again.socket.id;
  assert.equal((await call(gateway, 'DELETE', `/api/sessions/${sid}?revoke=1`)).status, 204);
  await eventually(() => again.disconnects.length === 1, 'the end');
  assert.equal(await knock(gateway, text), 'visitor');
  await eventually(() => gateway.log.includes(`by=root address=127.0.0.1 target=${sid} outcome=done`),
    'the audit line');
  assert.equal((await gateway.metrics())['trackwire_sessions_closed_total{reason="ended"}'], 2);
});

test('tokens and users are revoked, on open sockets too, and listed', async () => {
  const text = aliceToken({jti: 'one', sub: 'rita'});
  const client = await Client.connect(gateway.url, {token: text});
  const other = await Client.connect(gateway.url, {token: aliceToken({jti: 'two', sub: 'rita'})});
  for (const body of [{}, {jti: ''}, {jti: 1}, {jti: 'a', user: 'b'}, [], {user: 'a', expires_at: 'b'},
    {jti: 'a', expires_at: 'tomorrow'}]) {
    assert.equal((await call(gateway, 'POST', '/api/revocations', {body})).status, 400);
  }
  const made = await call(gateway, 'POST', '/api/revocations', {body: {jti: 'one'}});
  assert.equal(made.status, 201);
  assert.deepEqual(made.body, {revoked: {jti: 'one'}});
  assert.equal(await reason(client), 'revoked');
  assert.equal((await authenticate(client, text)).error.code, 'token_revoked');
  assert.equal((await call(gateway, 'POST', '/api/revocations', {body: {user: 'rita'}})).status, 201);
  assert.equal(await reason(other), 'revoked');
  const later = aliceToken({sub: 'rita', iat: now() + 1});
  assert.equal(await knock(gateway, later), 'rita');
  assert.equal(await knock(gateway, token({sub: 'rita'})), 'visitor', 'without a time of issue');
  const {body} = await call(gateway, 'GET', '/api/revocations');
  const rows = body.revocations.filter(({jti, user}) => jti === 'one' || user === 'rita');
  assert.deepEqual(rows.map(({jti, user, reason: why}) => jti ?? user + why),
    ['one', 'ritarevoked']);
  assert.equal(body.next, null);
  client.close();
  other.close();
});

test('where tokens are required, refusals say why and who expired has to go', async () => {
  const strict = await Gateway.start(['--set', 'auth.require_auth=true', '--set', 'auth.grace_s=1',
    '--set', 'auth.leeway_s=0']);
  assert.equal(await knock(strict), 'token_missing');
  assert.equal(await knock(strict, 'nonsense'), 'token_invalid');
  assert.equal(await knock(strict, aliceToken({exp: 1})), 'token_expired');
  await call(strict, 'POST', '/api/revocations', {body: {jti: 'gone'}});
  assert.equal(await knock(strict, aliceToken({jti: 'gone'})), 'token_revoked');
  const client = await Client.connect(strict.url, {token: aliceToken({exp: now() + 1})});
  const stays = await Client.connect(strict.url, {token: aliceToken({exp: now() + 1})});
  assert.equal(await reason(client), 'expired');
  assert.equal(await reason(stays), 'expired');
  assert.ok((await authenticate(stays, aliceToken())).session);
  await eventually(() => client.disconnects[0] === 'io server disconnect', 'the end');
  assert.equal(stays.socket.connected, true);
  stays.close();
  await strict.stop();
});

test('no token is written to the log', () => {
  assert.doesNotMatch(gateway.log, /eyJ[A-Za-z0-9_-]{8,}/);
});

test('several gateways are one: revoking, ending, dying', async () => {
  const server = await RedisServer.start(durable);
  const start = (name) => Gateway.start(['--redis', server.url, '--set', `gateway.name=${name}`]);
  const north = await start('north');
  const south = await start('south');
  const at = (on, claims) => Client.connect(on.url, {token: aliceToken(claims)});

  const one = await at(south, {jti: 'one'});
  const two = await at(south, {jti: 'two'});
  const three = await at(north, {jti: 'three'});
  assert.deepEqual((await list(north)).map(({gateway: name}) => name).sort(),
    ['north', 'south', 'south']);
  await call(north, 'POST', '/api/revocations', {body: {jti: 'one'}});
  assert.equal(await reason(one), 'revoked');
  const sid = two.socket.id;
  assert.equal((await call(north, 'DELETE', `/api/sessions/${sid}?revoke=1`)).status, 204);
  await eventually(() => two.disconnects[0] === 'io server disconnect', 'the end elsewhere');
  assert.equal(await knock(south, aliceToken({jti: 'two'})), 'visitor');

  // Killed, it removes nothing: its client resumes at another gateway with what the record says.
  const lost = await at(south, {jti: 'four'});
  const {_pid: pid, _lastOffset: offset, id} = lost.socket;
  await south.kill();
  const listed = (await list(north)).find(({sid: other}) => other === id);
  assert.equal(listed?.gateway, 'south');
  await tell(north, 7);
  const back = await Client.connect(north.url, {auth: {token: aliceToken(), pid, offset}});
  assert.equal(back.socket.id, id);
  assert.equal(back.of('session')[0].recovered, true);
  assert.deepEqual(back.numbers('memo'), [7]);
  assert.equal((await find(north, back)).gateway, 'north');

  // Redis forgets nothing, and neither does a gateway that starts after it.
  await server.kill();
  await server.restart();
  await eventually(async () => (await call(north, 'GET', '/api/sessions')).status === 200,
    'Redis to be back');
  assert.equal(await knock(north, aliceToken({jti: 'one'})), 'visitor');
  await south.restart();
  assert.equal(await knock(south, aliceToken({jti: 'two'})), 'visitor');
  await call(south, 'POST', '/api/revocations', {body: {jti: 'three'}});
  assert.equal(await reason(three), 'revoked');
  [one, lost, three, back].forEach((client) => client.close());
  await Promise.all([north.stop(), south.stop()]);
  await server.stop();
});

test('without Redis, revocations and sessions outlive the process too', async () => {
  const alone = await Gateway.start();
  const client = await Client.connect(alone.url, {token: aliceToken()});
  const {_pid: pid, _lastOffset: offset, id} = client.socket;
  await call(alone, 'POST', '/api/revocations', {body: {jti: 'early'}});
  await alone.kill();
  client.close();
  await alone.restart();
  assert.equal(await knock(alone, aliceToken({jti: 'early'})), 'visitor');
  const back = await Client.connect(alone.url, {auth: {token: aliceToken(), pid, offset}});
  assert.equal(back.socket.id, id);
  assert.equal((await find(alone, back)).user, 'alice');
  back.close();
  await alone.stop();
});

test('signing out on the page ends the token of its open sockets', async () => {
  const home = await Gateway.start();
  const client = await Client.connect(home.url, {token: aliceToken({jti: 'mine'})});
  const {status} = await call(home, 'POST', '/api/logout', {as: aliceToken({jti: 'mine'})});
  assert.equal(status, 204);
  assert.equal(await reason(client), 'logged_out');
  assert.equal(await knock(home, aliceToken({jti: 'mine'})), 'visitor');
  client.close();
  await home.stop();
});
