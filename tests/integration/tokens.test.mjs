// Tokens of an identity provider: the gateway follows its key set through rotation and failure.
import assert from 'node:assert/strict';
import {generateKeyPairSync, sign} from 'node:crypto';
import {once} from 'node:events';
import {createServer} from 'node:http';
import {after, before, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway, run, temporaryDirectory} from './lib/gateway.mjs';
import {token} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A key of the provider: its public part for the set, and tokens signed with it. */
class Key {
  #pair;

  constructor(kid, type = 'ec', options = {namedCurve: 'P-256'}, alg = 'ES256') {
    Object.assign(this, {kid, alg});
    this.#pair = generateKeyPairSync(type, options);
  }

  get jwk() {
    return {...this.#pair.publicKey.export({format: 'jwk'}), kid: this.kid, use: 'sig', alg: this.alg};
  }

  get pem() {
    return this.#pair.publicKey.export({format: 'pem', type: 'spki'});
  }

  token(claims = {}) {
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const header = {alg: this.alg, kid: this.kid, jku: 'http://127.0.0.1:9/never'};
    const input = `${encode(header)}.${encode({
      iss: 'the provider', aud: ['map'], sub: 'alice', exp, ...claims})}`;
    const digest = this.alg === 'EdDSA' ? null : 'sha256';
    const key = {key: this.#pair.privateKey, dsaEncoding: 'ieee-p1363'};
    return `${input}.${sign(digest, Buffer.from(input), key).toString('base64url')}`;
  }
}

const first = new Key('first');
const second = new Key('second', 'ed25519', {}, 'EdDSA');
const provider = {keys: [first.jwk], status: 200, asked: 0};
let server;
let gateway;
const seen = [];
before(async () => {
  server = createServer((request, response) => {
    provider.asked += 1;
    response.statusCode = provider.status;
    response.end(JSON.stringify({keys: provider.keys}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  gateway = await Gateway.start(['--set', 'auth.require_auth=true'], {
    TRACKWIRE_AUTH_JWT_SECRET: '',
    TRACKWIRE_AUTH_JWKS: `http://127.0.0.1:${server.address().port}/keys?for=the+gateway`,
    TRACKWIRE_AUTH_ISSUER: 'the provider',
    TRACKWIRE_AUTH_AUDIENCE: 'map',
    TRACKWIRE_AUTH_ROLES_CLAIM: 'access.roles',
    TRACKWIRE_AUTH_PERMISSIONS_CLAIM: 'scope',
  });
});
after(async () => {
  await gateway.stop();
  server.close();
});

/** Notes each token, so that the log can be searched for it. */
const noted = (text) => {
  seen.push(text);
  return text;
};
const sessionOf = async (text) => {
  const client = await Client.connect(gateway.url, {token: noted(text)});
  client.close();
  return client.of('session')[0];
};
/** Who somebody is when let in, else the code of the refusal. */
const knock = async (text) => {
  const client = new Client(gateway.url, {token: noted(text)});
  let refused;
  client.socket.once('connect_error', ({data}) => (refused = data.code));
  const answer = await eventually(() => client.of('session')[0]?.user ?? refused, 'an answer');
  client.close();
  return answer;
};

test('tokens of the provider say who somebody is', async () => {
  const session = await sessionOf(first.token({access: {roles: ['dispatcher']}, role: 'admin', clients: ['acme']}));
  assert.equal(session.user, 'alice');
  assert.deepEqual(session.roles, ['dispatcher']);
  assert.deepEqual(session.clients, ['acme']);
});

test('tokens of others are refused', async () => {
  assert.equal(await knock(first.token({iss: 'another'})), 'token_invalid');
  assert.equal(await knock(first.token({aud: 'another'})), 'token_invalid');
  assert.equal(await knock(first.token({exp: 1})), 'token_expired');
  const forged = {iss: 'the provider', aud: 'map', access: {roles: ['admin']}};
  assert.equal(await knock(token(forged, {key: first.pem})), 'token_invalid');
  assert.equal(await knock(token(forged, {key: '', header: {alg: 'none'}})), 'token_invalid');
});

test('a token waits for the key that signed it', async () => {
  provider.keys = [first.jwk, second.jwk];
  // Not before the pause between two fetches is over.
  await eventually(async () => (await knock(second.token())) === 'alice', 'the new key');
  assert.equal((await sessionOf(first.token())).user, 'alice');
});

test('publishing and reading need such a token too', async () => {
  const as = noted(second.token({scope: 'openid notifications:publish'}));
  const envelope = {message_type: 'news', notification: {n: 1}};
  assert.equal((await gateway.post(envelope, {as})).status, 202);
  assert.equal((await gateway.post(envelope, {as: noted(second.token())})).status, 403);
  assert.equal((await gateway.post(envelope, {as: noted(new Key('third').token())})).status, 401);
  assert.equal((await gateway.get('/api/trackers', {authorization: `Bearer ${as}`})).status, 200);
  assert.equal((await gateway.get('/api/trackers')).status, 401);
});

test('unknown keys cause few requests, and a provider that is down no harm', async () => {
  provider.status = 500;
  const before = provider.asked;
  for (let i = 0; i < 30; ++i) {
    assert.equal(await knock(new Key(`unknown-${i}`).token()), 'token_invalid');
  }
  // A slow machine may get to the next pause's end in between.
  assert.ok(provider.asked - before <= 3, `${provider.asked - before} requests`);
  assert.equal((await sessionOf(first.token())).user, 'alice');
  const metrics = await gateway.metrics();
  assert.equal(metrics.trackwire_key_set_keys, 2);
  assert.ok(metrics.trackwire_key_set_limited_total >= 27);
});

test('no token is written to the log', () => {
  assert.match(gateway.log, /a token was refused reason=no_key/);
  for (const text of seen) {
    for (const part of text.split('.').filter((piece) => piece.length > 8)) {
      // The header of a known algorithm alone says nothing, but is not there either.
      assert.ok(!gateway.log.includes(part.slice(0, 24)), part);
    }
  }
  assert.doesNotMatch(gateway.log, /unknown-\d/);
  assert.doesNotMatch(gateway.log, /for=the/);
});

test('a program without the provider\'s secret makes no tokens', async () => {
  const cwd = await temporaryDirectory();
  const out = await run(['token', '--sub', 'eve'], {cwd, env: {TRACKWIRE_AUTH_JWKS: 'keys.json'}});
  assert.equal(out.code, 1);
  assert.equal(out.stdout, '');
  assert.match(out.stderr, /tokens come from the issuer of keys\.json/);
  await import('node:fs/promises').then(({rm}) => rm(cwd, {recursive: true}));
});
