import assert from 'node:assert/strict';
import {readFile, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway, run} from './lib/gateway.mjs';
import {admin, token as foreignToken} from './lib/token.mjs';
import {addUser, ask, login, me, postJson, tokenOf, user} from './lib/users.mjs';
import {eventually} from './lib/wait.mjs';

const password = 'correct horse battery staple';
/** All that must be in no log. */
const secrets = [password];

let gateway;
before(async () => {
  // Tests sign in more often than people, and ask again until the gateway knows what has changed.
  gateway = await Gateway.start([], {TRACKWIRE_CORS_ORIGINS: 'https://map.example.org',
    TRACKWIRE_RATE_LIMITS_LOGIN_USER_BURST: '1000',
    TRACKWIRE_RATE_LIMITS_LOGIN_ADDRESS_BURST: '1000'});
  await addUser(gateway, 'Ada', password,
    ['--role', 'user', '--client', '7', '--client', 'acme', '--permission', 'notes:read']);
  secrets.push(await tokenOf(gateway, 'ada', password));
});
after(() => gateway.stop());

const cookieOf = (answer) => answer.cookies[0].split(';')[0];

test('who signs in gets a session and a cookie that scripts cannot read', async () => {
  const answer = await login(gateway, 'ADA', password);
  assert.equal(answer.status, 200);
  const {session, ...rest} = answer.body;
  assert.deepEqual(rest, {}, 'no token for scripts');
  const {expires_at: expiry, ...who} = session;
  assert.deepEqual(who, {user: 'Ada', roles: ['user'], permissions: ['notes:read'],
    clients: ['acme', 7]});
  const hours = (new Date(expiry) - Date.now()) / 3_600_000;
  assert.ok(hours > 11.9 && hours <= 12, expiry);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.cookies.length, 1);
  const [pair, ...attributes] = answer.cookies[0].split('; ');
  assert.match(pair, /^access_token=[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.deepEqual(attributes.sort(), ['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax']);
  secrets.push(pair.split('=')[1]);

  const known = await ask(gateway, '/api/me', {headers: {cookie: pair}});
  assert.deepEqual(known.body, {session, login: true});
  const socket = await Client.connect(gateway.url, {extraHeaders: {cookie: pair}});
  assert.equal(socket.of('session')[0].user, 'Ada');
  assert.deepEqual(socket.of('session')[0].clients, ['acme', 7]);
  socket.close();
});

test('a cookie goes over TLS alone unless the server is this very machine', async () => {
  const attributesFor = async (headers) => {
    const answer = await login(gateway, 'Ada', password, {}, headers);
    assert.equal(answer.status, 200);
    return answer.cookies[0].split('; ').slice(1);
  };
  for (const host of ['map.example.org', '192.0.2.7:8080', 'localhost.evil.org', '127.0.0.1.evil.org']) {
    assert.ok((await attributesFor({host})).includes('Secure'), host);
  }
  for (const host of ['localhost', 'LOCALHOST:8080', '127.0.0.1:1', '[::1]:8080']) {
    assert.ok(!(await attributesFor({host})).includes('Secure'), host);
    assert.ok((await attributesFor({host, 'x-forwarded-proto': 'https'})).includes('Secure'),
      `${host} behind a proxy with TLS`);
  }
});

test('programs ask for a token instead', async () => {
  const answer = await postJson(gateway, '/api/login',
    {email: 'ada', password, cookie: false});
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.cookies, []);
  secrets.push(answer.body.token);
  assert.equal((await me(gateway, answer.body.token)).user, 'Ada');
  const socket = await Client.connect(gateway.url, {token: answer.body.token});
  assert.equal(socket.of('session')[0].user, 'Ada');
  socket.close();
});

test('an unknown name, a wrong password and a disabled user are answered alike', async () => {
  await addUser(gateway, 'Off', password);
  await user(gateway, ['disable', 'off']);
  const answers = [];
  for (const [name, text] of [['Ada', 'wrong password'], ['Nobody', password], ['Off', password],
    ['Ada', ''], [password, 'typed into the wrong field']]) {
    const {status, headers, cookies, body} = await login(gateway, name, text);
    assert.deepEqual(cookies, []);
    delete headers.date;
    answers.push(JSON.stringify({status, headers, body}));
  }
  assert.deepEqual(answers, answers.map(() => answers[0]));
  assert.match(answers[0], /"status":401/);
  assert.match(answers[0], /"code":"bad_credentials"/);
  await gateway.logged(/audit: login by=- address=127\.0\.0\.1 target=\S*Ada\S* outcome=bad_credentials/);
  await gateway.logged(/audit: login by=- address=127\.0\.0\.1 target=\S*\(unknown\)\S* outcome=bad_credentials/);
  await gateway.logged(/audit: login by=Ada address=127\.0\.0\.1 target=Ada outcome=done/);
});

test('a body that is no question for a login is refused', async () => {
  const cases = ['', '{', '[]', '{}', '{"user":"Ada"}', '{"password":"x"}', '{"user":1,"password":"x"}',
    '{"user":"Ada","password":null}', '{"user":"","password":"x"}',
    JSON.stringify({user: 'a'.repeat(257), password: 'x'}),
    JSON.stringify({user: 'Ada', password: 'x'.repeat(1025)}),
    '{"user":"Ada","password":"x","cookie":"no"}', '[[[[[[[[[["deep"]]]]]]]]]]'];
  for (const body of cases) {
    const {status, body: answer} = await ask(gateway, '/api/login',
      {method: 'POST', headers: {'content-type': 'application/json'}, body});
    assert.equal(status, 400, body.slice(0, 60));
    assert.equal(answer.error.code, 'bad_request');
    assert.ok(!JSON.stringify(answer).includes('Ada'));
  }
  const {status} = await ask(gateway, '/api/login', {method: 'POST',
    headers: {'content-type': 'application/json'}, body: ' '.repeat(20_000)});
  assert.equal(status, 413);
  assert.equal((await ask(gateway, '/api/login')).status, 405);
});

test('other sites\' pages can neither sign a visitor in nor act with its cookie', async () => {
  const body = JSON.stringify({user: 'Ada', password});
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data',
    undefined]) {
    const {status, body: answer} = await ask(gateway, '/api/login',
      {method: 'POST', headers: type ? {'content-type': type} : {}, body});
    assert.equal(status, 415, type);
    assert.equal(answer.error.code, 'unsupported_media_type');
  }
  const cookie = cookieOf(await login(gateway, 'Ada', password));
  const foreign = [{origin: 'https://evil.example.org'}, {origin: 'null'},
    {origin: 'https://map.example.org.evil.org'}, {origin: 'https://evil-map.example.org'},
    {origin: 'http://map.example.org'}, {origin: 'https://map.example.org:444'},
    {origin: gateway.url.replace(/\d+$/, '1')}, {'sec-fetch-site': 'cross-site'},
    {origin: gateway.url, 'sec-fetch-site': 'cross-site'}];
  for (const headers of foreign) {
    for (const [method, path] of [['POST', '/api/logout'], ['GET', '/api/me'],
      ['GET', '/api/trackers']]) {
      const {status, body: answer, cookies} = await ask(gateway, path,
        {method, headers: {...headers, cookie}});
      assert.equal(status, 403, `${path} ${JSON.stringify(headers)}`);
      assert.equal(answer.error.code, 'cross_site');
      assert.deepEqual(cookies, [], 'not signed out either');
    }
    const {headers: answered} = await ask(gateway, '/api/login', {method: 'OPTIONS', headers});
    assert.equal(answered['access-control-allow-origin'], undefined);
    assert.equal(answered['access-control-allow-headers'], undefined);
  }
  for (const headers of [{}, {origin: gateway.url}, {origin: gateway.url.toUpperCase()},
    {origin: gateway.url, 'sec-fetch-site': 'same-origin'}, {'sec-fetch-site': 'none'},
    {origin: 'https://map.example.org', 'sec-fetch-site': 'cross-site'}]) {
    const {status, body: answer} = await ask(gateway, '/api/me', {headers: {...headers, cookie}});
    assert.equal(status, 200, JSON.stringify(headers));
    assert.equal(answer.session.user, 'Ada', JSON.stringify(headers));
  }
});

test('a page of the list signs in across sites, and is told what it may', async () => {
  const origin = 'https://map.example.org';
  const asked = await ask(gateway, '/api/login', {method: 'OPTIONS', headers: {origin,
    'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type'}});
  assert.equal(asked.status, 204);
  assert.equal(asked.headers['access-control-allow-origin'], origin);
  assert.equal(asked.headers['access-control-allow-credentials'], 'true');
  assert.match(asked.headers['access-control-allow-headers'], /Content-Type/);
  const answer = await login(gateway, 'Ada', password, {}, {origin});
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['access-control-allow-origin'], origin);
});

test('polling and WebSockets keep the same list', async () => {
  for (const transports of [['websocket'], ['polling']]) {
    for (const origin of ['https://evil.example.org', 'null', 'https://map.example.org.evil.org',
      'http://map.example.org', 'https://map.example.org:444']) {
      const client = new Client(gateway.url, {transports, reconnection: false, extraHeaders: {origin}});
      await client.refusal();
      client.close();
    }
    for (const origin of [gateway.url, 'https://map.example.org', 'https://MAP.example.org:443']) {
      const client = await Client.connect(gateway.url, {transports, extraHeaders: {origin}});
      client.close();
    }
  }
});

test('signing out ends the token everywhere and takes the cookie back', async () => {
  const cookie = cookieOf(await login(gateway, 'Ada', password));
  const other = await tokenOf(gateway, 'Ada', password);
  const socket = await Client.connect(gateway.url, {extraHeaders: {cookie}});
  const answer = await ask(gateway, '/api/logout', {method: 'POST', headers: {cookie}});
  assert.equal(answer.status, 204);
  assert.equal(answer.body, '');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.deepEqual(answer.cookies,
    ['access_token=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax']);
  const known = await ask(gateway, '/api/me', {headers: {cookie}});
  assert.equal(known.body.session.user, null, 'the token of the cookie is worth nothing now');
  const ended = await socket.event('session', 2);
  assert.deepEqual([ended.user, ended.reason], [null, 'logged_out']);
  socket.close();
  assert.equal((await me(gateway, other)).user, 'Ada', 'who signed in elsewhere stays in');
  await gateway.logged(/audit: logout by=Ada address=127\.0\.0\.1 target=Ada outcome=done/);
  const again = await ask(gateway, '/api/logout', {method: 'POST'});
  assert.equal(again.status, 204, 'also for who was not in');
});

test('a disabled user is out within moments, and stays out with the old token', async () => {
  await addUser(gateway, 'Bob', password);
  const token = await tokenOf(gateway, 'Bob', password);
  secrets.push(token);
  assert.equal((await me(gateway, token)).user, 'Bob');
  const socket = await Client.connect(gateway.url, {token});
  assert.equal((await user(gateway, ['disable', 'BOB'])).code, 0);
  await eventually(async () => (await me(gateway, token)).user === null, 'Bob to be out');
  const out = await socket.event('session', 2);
  assert.deepEqual([out.user, out.clients], [null, []], 'on the open connection too');
  socket.close();
  assert.equal((await login(gateway, 'Bob', password)).status, 401);
  assert.equal((await user(gateway, ['enable', 'bob'])).code, 0);
  await tokenOf(gateway, 'Bob', password);
  assert.equal((await me(gateway, token)).user, null, 'an ended session does not come back');
  await gateway.logged(/audit: user\.change by=- address=- target=Bob outcome=disabled/);
  await gateway.logged(/a token was refused reason=account_disabled/);
});

test('a new password ends the sessions of the old one', async () => {
  const next = 'another password altogether';
  secrets.push(next);
  await addUser(gateway, 'Cleo', password);
  const token = await tokenOf(gateway, 'Cleo', password);
  const changed = await user(gateway, ['passwd', 'cleo'], `${next}\n`);
  assert.equal(changed.code, 0, changed.stderr);
  const fresh = await tokenOf(gateway, 'Cleo', next);
  assert.equal((await me(gateway, token)).user, null);
  assert.equal((await me(gateway, fresh)).user, 'Cleo');
  assert.equal((await login(gateway, 'Cleo', password)).status, 401);
});

test('new rights count for tokens that are out already', async () => {
  await addUser(gateway, 'Dora', password, ['--client', '1']);
  const token = await tokenOf(gateway, 'Dora', password);
  assert.deepEqual((await me(gateway, token)).clients, [1]);
  const socket = await Client.connect(gateway.url, {token});
  const set = await user(gateway, ['set', 'dora', '--client', '2', '--client', '"2"', '--role', 'admin']);
  assert.equal(set.code, 0, set.stderr);
  await eventually(async () => (await me(gateway, token)).clients.length === 2, 'new clients');
  const told = await socket.event('session', 2);
  assert.deepEqual([told.clients.length, told.roles, told.reason], [2, ['admin'], 'account_changed']);
  socket.close();
  assert.equal((await user(gateway, ['set', 'dora', '--no-clients', '--role', 'user'])).code, 0);
  await eventually(async () => (await me(gateway, token)).clients.length === 0, 'no clients');
  assert.deepEqual((await me(gateway, token)).roles, ['user']);
});

test('a token that says it is of the login needs an account and a time', async () => {
  const forged = (claims) => foreignToken({trackwire_login: true, role: 'admin', ...claims});
  const now = Date.now() / 1000;
  assert.equal((await me(gateway, forged({sub: 'eve', iat: now}))).user, null);
  assert.equal((await me(gateway, forged({sub: 'ada'}))).user, null);
  assert.equal((await me(gateway, forged({sub: 'ada', iat: now - 86_400}))).user, null);
  assert.deepEqual((await me(gateway, forged({sub: 'ada', iat: now}))).roles, ['user']);
  assert.deepEqual((await me(gateway, admin())).roles, ['admin'], 'others say what they may');
});

test('stored is only a hash, and what is served is not in any log', async () => {
  for (const name of await readdir(gateway.directory)) {
    const content = await readFile(join(gateway.directory, name));
    for (const secret of secrets) assert.ok(!content.includes(secret), `${name} holds a secret`);
  }
  const database = await readFile(join(gateway.directory, 'trackwire.db'));
  const wal = await readFile(join(gateway.directory, 'trackwire.db-wal')).catch(() => '');
  assert.match(database.toString('latin1') + wal.toString('latin1'),
    /\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  for (const secret of secrets) {
    assert.ok(!gateway.log.includes(secret));
    assert.ok(!gateway.output.includes(secret));
    for (const part of secret.split('.')) {
      if (part.length > 30) assert.ok(!gateway.log.includes(part.slice(4, 34)));
    }
  }
});

test('a hash follows when more is asked of it, and sessions go on', async () => {
  const own = await Gateway.start([], {TRACKWIRE_AUTH_ARGON2_PASSES: '1'});
  await run(['user', 'add', 'Ada'], {cwd: own.directory, input: `${password}\n`,
    env: {TRACKWIRE_AUTH_ARGON2_MEMORY_KIB: '8192', TRACKWIRE_AUTH_ARGON2_PASSES: '1'}});
  const token = await tokenOf(own, 'Ada', password);
  const hashes = async () => {
    const files = await Promise.all(['trackwire.db', 'trackwire.db-wal']
      .map((name) => readFile(join(own.directory, name)).catch(() => Buffer.alloc(0))));
    return Buffer.concat(files).toString('latin1');
  };
  assert.match(await hashes(), /\$argon2id\$v=19\$m=19456,t=1,p=1\$/);
  assert.equal((await me(own, token)).user, 'Ada');
  await tokenOf(own, 'Ada', password);
  assert.equal((await me(own, token)).user, 'Ada');
  await own.stop();
});

test('who guesses is kept out for a while, whether there is such a user or not', async () => {
  const own = await Gateway.start([], {TRACKWIRE_RATE_LIMITS_LOGIN_USER_BURST: '4',
    TRACKWIRE_RATE_LIMITS_LOGIN_USER_PER_SECOND: '0.001'});
  await addUser(own, 'Zoë', password);
  await addUser(own, 'Ben', password);
  // One wrong guess at most of each, for the directory may be a moment behind.
  await eventually(async () => own.log.split('target=Ben outcome=added').length === 2, 'the users');
  for (let i = 0; i < 12; ++i) {
    assert.equal((await login(own, i % 2 ? 'Zoë' : 'zoË', password)).status, 200, 'right ones are free');
  }
  const answers = {};
  for (const name of ['zoë', 'nobody']) {
    const spellings = [name, name.toUpperCase()];
    for (let i = 0; i < 4; ++i) {
      assert.equal((await login(own, spellings[i % 2], 'a guess of mine')).status, 401);
    }
    const {status, headers, body} = await login(own, spellings[0], 'a guess of mine');
    assert.equal(status, 429);
    assert.equal(body.error.code, 'rate_limited');
    assert.ok(body.error.retry_after > 500 && body.error.retry_after <= 1000, body.error.retry_after);
    assert.equal(headers['retry-after'], String(Math.ceil(body.error.retry_after)));
    answers[name] = body.error.message;
    assert.equal((await login(own, spellings[1], password)).status, 429, 'not even with the right one');
  }
  assert.equal(answers['zoë'], answers.nobody);
  assert.equal((await login(own, 'Ben', password)).status, 200, 'others are not concerned');
  assert.match(own.log, /audit: login by=- address=127\.0\.0\.1 target=\S*Zo\S* outcome=rate_limited/);
  await own.stop();
});

test('who tries many names is kept out by address', async () => {
  const own = await Gateway.start([], {TRACKWIRE_RATE_LIMITS_LOGIN_ADDRESS_BURST: '5',
    TRACKWIRE_RATE_LIMITS_LOGIN_ADDRESS_PER_SECOND: '0.001'});
  for (let i = 0; i < 5; ++i) {
    assert.equal((await login(own, `name ${i}`, 'password')).status, 401);
  }
  assert.equal((await login(own, 'name 5', 'password')).status, 429);
  assert.equal((await ask(own, '/api/me')).status, 200);
  await own.stop();
});

test('many who sign in at once are let in or told to wait, and others are served', async () => {
  const tries = Array.from({length: 90}, () => login(gateway, 'Ada', password, {cookie: false}));
  const [health, answers] = await Promise.all([gateway.get('/healthz'), Promise.all(tries)]);
  assert.equal(health.status, 200);
  const by = (status) => answers.filter((answer) => answer.status === status);
  assert.equal(by(200).length + by(503).length + by(429).length, 90,
    JSON.stringify([...new Set(answers.map((answer) => answer.status))]));
  assert.ok(by(200).length > 0);
  for (const {body, headers} of by(503)) {
    assert.equal(body.error.code, 'busy');
    assert.equal(body.error.retry_after, 1);
    assert.equal(headers['retry-after'], '1');
  }
});

test('where tokens come from elsewhere there is no login', async () => {
  const own = await Gateway.start([], {TRACKWIRE_AUTH_LOGIN: 'off'});
  for (const path of ['/api/login', '/api/logout']) {
    const answer = await postJson(own, path, {user: 'Ada', password});
    assert.equal(answer.status, 404);
    assert.equal(answer.body.error.code, 'not_found');
  }
  const {body} = await own.get('/api/me');
  assert.deepEqual(body, {login: false,
    session: {user: null, roles: [], permissions: [], clients: [], expires_at: null}});
  const now = Date.now() / 1000;
  assert.equal((await me(own, foreignToken({sub: 'ada', trackwire_login: true, iat: now}))).user, null);
  assert.equal((await me(own, foreignToken({sub: 'ada'}))).user, 'ada');
  assert.match(own.output, /off .*login \(auth\.login\)/);
  await own.stop();
});

test('login needs a secret to sign tokens with', async () => {
  const {code, stderr} = await run(['check-config', '--set', 'auth.login=on', '--set',
    'auth.jwks=https://issuer.test/keys'], {cwd: gateway.directory});
  assert.equal(code, 2);
  assert.match(stderr, /auth\.login is on/);
});
