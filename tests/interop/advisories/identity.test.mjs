// Inputs of published advisories about tokens and identity, Centrifugo's among them.

import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {after, before, describe, it} from 'node:test';
import {Visitor, token, useGateway} from '../lib/gateway.mjs';
import {request} from '../lib/http.mjs';

const admin = {sub: 'root', roles: ['admin']};

describe('Advisories about identity', () => {
  const gateway = useGateway();
  let trap;
  let visits = 0;
  before(async () => {
    trap = createServer((_, response) => {
      ++visits;
      response.end('{"keys":[]}');
    });
    trap.on('connection', () => ++visits);
    await new Promise((resolve) => trap.listen(0, '127.0.0.1', resolve));
  });
  after(() => trap.close());

  /** Who the server thinks somebody with this token is. */
  async function userOf(bearer) {
    const visitor = await Visitor.connect(gateway.port, {token: bearer});
    visitor.close();
    return visitor.session.user;
  }

  it('works at all: a token of ours is believed', async () => {
    assert.equal(await userOf(token(admin)), 'root');
  });

  it('CVE-2026-32301: no claim and no header of a token makes the server ask anybody', async () => {
    const url = `http://127.0.0.1:${trap.address().port}/keys`;
    for (const [claims, header] of [
      [{...admin, iss: url}, {alg: 'RS256'}], [{...admin, iss: `../${url}`}, {alg: 'RS256', kid: url}],
      [{...admin, aud: url}, {alg: 'RS256', jku: url}], [admin, {alg: 'ES256', x5u: url}],
      [admin, {alg: 'HS256', kid: `../../${url}`, jku: url, x5u: url}],
      [admin, {alg: 'RS256', jwk: {kty: 'RSA', n: 'AQAB', e: 'AQAB'}}],
    ]) {
      const user = await userOf(token(claims, header));
      if (header.alg !== 'HS256') assert.equal(user, null);
    }
    assert.equal(visits, 0);
  });

  it('CVE-2026-49998: a key counts for its own issuer and algorithm alone', async () => {
    for (const alg of ['RS256', 'ES256', 'EdDSA', 'HS384', 'HS512', 'none', 'None', '', 'hs256']) {
      assert.equal(await userOf(token(admin, {alg, kid: '0'})), null, alg);
    }
  });

  it('CVE-2026-71485: what a client says its headers were is not what they were', async () => {
    const stolen = {authorization: `Bearer ${token(admin)}`, 'x-forwarded-for': '192.0.2.1',
      cookie: `access_token=${token(admin)}`};
    const visitor = await Visitor.connect(gateway.port,
      {auth: stolen, header: stolen, handshake: {headers: stolen}, user: 'root', roles: ['admin']});
    assert.equal(visitor.session.user, null);
    visitor.close();
    const query = new URLSearchParams({token: token(admin), access_token: token(admin), ...stolen});
    const answer = await request(gateway.port, `/api/trackers?${query}`);
    assert.ok(!answer.text.includes('root'));
  });

  it('a page of another site gets nothing by the cookie of its visitor', async () => {
    const headers = {cookie: `access_token=${token(admin)}`, origin: 'https://evil.example'};
    const answer = await request(gateway.port, '/api/notifications',
      {method: 'POST', headers, body: '{"message_type":"news","notification":{"n":-1}}'});
    assert.ok([401, 403].includes(answer.status), `${answer.status}`);
  });
});
