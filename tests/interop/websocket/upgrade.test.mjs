// The opening handshake of RFC 6455.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {RawConnection} from '../lib/http.mjs';
import {calm, isReference, useServer} from '../lib/server.mjs';
import {RawWebSocket, acceptFor, upgradeRequest} from '../lib/websocket.mjs';

const path = '/engine.io/?EIO=4&transport=websocket';

describe('WebSocket opening handshake', () => {
  const server = useServer('--engineio', ...calm);

  async function answerTo(text, pieces = [text]) {
    const connection = await RawConnection.open(server.port);
    await connection.sendPieces(pieces);
    const response = await connection.response();
    return {connection, response};
  }

  async function assertOpens(text, pieces) {
    const {connection, response} = await answerTo(text, pieces);
    assert.equal(response?.status, 101);
    assert.match(await new RawWebSocket(connection).nextText(), /^0\{/);
    connection.destroy();
    return response;
  }

  async function assertRefused(text, statuses = [400]) {
    const {connection, response} = await answerTo(text);
    assert.ok(statuses.includes(response?.status), `${response?.status}`);
    connection.destroy();
    return response;
  }

  it('answers with the accept value of the key', async () => {
    const key = 'AQIDBAUGBwgJCgsMDQ4PEA==';
    const response = await assertOpens(upgradeRequest(path, {'Sec-WebSocket-Key': key}));

    assert.equal(response.headers['sec-websocket-accept'], acceptFor(key));
    assert.equal(response.headers.upgrade.toLowerCase(), 'websocket');
    assert.equal(response.headers.connection.toLowerCase(), 'upgrade');
  });

  it('agrees to no extension unasked, nor by default', async () => {
    for (const offer of [null, 'permessage-deflate', 'x-unknown; a=1', 'permessage-deflate;;']) {
      const {connection, response} =
          await answerTo(upgradeRequest(path, {'Sec-WebSocket-Extensions': offer}));
      if (response.status === 101) {
        assert.equal(response.headers['sec-websocket-extensions'], undefined);
      } else {
        assert.equal(response.status, 400);
        assert.equal(offer, 'permessage-deflate;;');
      }
      connection.destroy();
    }
  });

  it('names no subprotocol that was not offered', async () => {
    const plain = await assertOpens(upgradeRequest(path));
    assert.equal(plain.headers['sec-websocket-protocol'], undefined);
    const asked = await assertOpens(
        upgradeRequest(path, {'Sec-WebSocket-Protocol': 'first, second'}));
    assert.ok([undefined, 'first', 'second'].includes(asked.headers['sec-websocket-protocol']));
  });

  it('reads header names and values whatever their case', async () => {
    await assertOpens(
        `GET ${path} HTTP/1.1\r\nhost: x\r\nUPGRADE: WebSocket\r\nconnection: UPGRADE\r\n` +
        'sec-websocket-KEY: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSEC-websocket-version: 13\r\n\r\n');
  });

  it('finds upgrade in a list', async () => {
    await assertOpens(upgradeRequest(path, {Connection: 'keep-alive, Upgrade'}));
    await assertOpens(upgradeRequest(path, {Connection: 'Upgrade ,keep-alive'}));
  });

  it('reads a request that comes byte by byte', async () => {
    const text = upgradeRequest(path);
    await assertOpens(text, text.split(''));
  });

  for (const version of ['12', '14', '0', '-1', 'abc', '', '13, 8', '013', '8', null]) {
    it(`refuses version ${version} and says which it speaks`, async () => {
      // npm's server also speaks draft 8, and reads the header as a number.
      if (isReference && ['8', '013'].includes(version)) return;
      const response = await assertRefused(
          upgradeRequest(path, {'Sec-WebSocket-Version': version}), [400, 426]);
      assert.match(response.headers['sec-websocket-version'] ?? '', /\b13\b/);
    });
  }

  it('refuses a missing key', async () => {
    await assertRefused(upgradeRequest(path, {'Sec-WebSocket-Key': null}));
  });

  for (const key of ['', 'short', 'AQIDBAUGBwgJCgsMDQ4PEA', 'AQIDBAUGBwgJCgsMDQ4PEBE=', '!!!!',
    'AQIDBAUGBwgJCgsMDQ4PEA==AQIDBAUGBwgJCgsMDQ4PEA==']) {
    it(`refuses the key "${key}"`, async () => {
      await assertRefused(upgradeRequest(path, {'Sec-WebSocket-Key': key}));
    });
  }

  for (const method of ['POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE']) {
    it(`refuses ${method}`, async () => {
      const connection = await RawConnection.open(server.port);
      await connection.send(upgradeRequest(path, {}, `${method} ${path} HTTP/1.1`));
      const response = await connection.response({head: method === 'HEAD'});
      assert.ok([400, 405].includes(response?.status), `${response?.status}`);
      connection.destroy();
    });
  }

  it('refuses HTTP/1.0', async () => {
    // npm's server upgrades it.
    if (isReference) return;
    await assertRefused(upgradeRequest(path, {}, `GET ${path} HTTP/1.0`), [400, 426, 505]);
  });

  it('does not upgrade without both headers', async () => {
    for (const change of [{Upgrade: null}, {Connection: null}, {Connection: 'keep-alive'}]) {
      await assertRefused(upgradeRequest(path, change), [400, 426]);
    }
  });

  it('ends the connection after a refusal', async () => {
    const {connection, response} = await answerTo(upgradeRequest('/engine.io/?EIO=4'));
    assert.equal(response.status, 400);
    await connection.readToEnd();
  });

  it('survives a client that goes before the answer', async () => {
    for (let i = 0; i < 50; ++i) {
      const connection = await RawConnection.open(server.port);
      await connection.send(upgradeRequest(path));
      if (i % 2) connection.reset();
      else connection.destroy();
    }
    await assertOpens(upgradeRequest(path));
  });
});
