// Inputs of published advisories about ws, uws/uWebSockets, undici and Centrifugo's WebSocket.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {residentBytes, seated, settle, useGateway, websocketTarget} from '../lib/gateway.mjs';
import {RawConnection} from '../lib/http.mjs';
import {
  RawWebSocket, closeFrame, frame, opcode, openSocket, upgradeRequest,
} from '../lib/websocket.mjs';

/** What a test may leave in the server's memory; a sanitizer keeps more. */
const growth = 250_000_000;

describe('Advisories about WebSockets', () => {
  const gateway = useGateway('--set', 'limits.max_input_bytes=10000000');

  async function opening(change) {
    const connection = await RawConnection.open(gateway.port);
    await connection.send(upgradeRequest(websocketTarget, change));
    const response = await connection.response();
    connection.destroy();
    return response;
  }

  it('CVE-2016-10518: a pong says what the ping said, and no more', async () => {
    const socket = await seated(gateway.port);
    for (let size = 0; size <= 125; ++size) {
      const payload = Buffer.alloc(size, size);
      await socket.send(frame(opcode.ping, payload));
      const pong = await socket.next();
      assert.equal(pong.opcode, opcode.pong);
      assert.deepEqual(pong.payload, payload);
    }
    socket.destroy();
  });

  it('CVE-2016-10542: messages that announce more than is allowed', async () => {
    for (const declared of [1_000_001n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 64n - 1n]) {
      const socket = await seated(gateway.port);
      await socket.send(frame(opcode.text, 'x'.repeat(100), {lengthForm: 64, declared}));
      assert.ok([1002, 1009].includes(await socket.closeCode()), `${declared}`);
      socket.destroy();
    }
  });

  it('CVE-2016-10544, CVE-2026-62963, CVE-2026-1526: packed messages are not unpacked', async () => {
    const response = await opening({
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits, x-webkit-deflate-frame'});
    assert.equal(response.status, 101);
    assert.equal(response.headers['sec-websocket-extensions'], undefined);
    const socket = await seated(gateway.port);
    await socket.send(frame(opcode.text, Buffer.alloc(10_000, 0xff), {rsv: 4}));
    assert.equal(await socket.closeCode(), 1002);
    socket.destroy();
  });

  it('GHSA-5v72-xg48-5rpm, CVE-2026-2229: extensions of every kind are passed over', async () => {
    for (const extensions of ['constructor', '__proto__', 'hasOwnProperty, toString', ';;;', ',',
      'permessage-deflate; server_max_window_bits=999999', 'a; b="' + 'c'.repeat(5_000),
      'permessage-deflate, '.repeat(500)]) {
      const response = await opening({'Sec-WebSocket-Extensions': extensions});
      assert.equal(response.status, 101);
      assert.equal(response.headers['sec-websocket-extensions'], undefined);
    }
  });

  it('CVE-2021-32640: protocols with very many spaces', async () => {
    for (const protocol of [`a${' '.repeat(14_000)}b`, ', '.repeat(7_000), 'x,'.repeat(7_000)]) {
      const response = await opening({'Sec-WebSocket-Protocol': protocol});
      assert.equal(response.status, 101);
      assert.equal(response.headers['sec-websocket-protocol'], undefined);
    }
  });

  it('CVE-2024-37890: openings with very many fields', async () => {
    const fields = (count) => Object.fromEntries(Array.from({length: count}, (_, i) => [`X${i}`, '']));
    assert.equal((await opening(fields(100))).status, 101);
    for (const count of [128, 1_000, 2_000]) assert.equal((await opening(fields(count))).status, 431);
  });

  it('CVE-2026-45736: a close frame says what it must, and no more', async () => {
    for (const reason of ['', 'why', 'x'.repeat(123)]) {
      const socket = await seated(gateway.port);
      await socket.send(closeFrame(4000, reason));
      const answer = await socket.next();
      assert.equal(answer.opcode, opcode.close);
      assert.deepEqual(answer.payload, Buffer.from([0x0f, 0xa0]));
      socket.destroy();
    }
  });

  it('CVE-2026-48779, CVE-2026-62389: very many tiny fragments cost what is in them', async () => {
    const before = residentBytes(gateway.server.pid);
    const tiny = Buffer.concat(Array.from({length: 20_000}, (_, i) =>
      frame(opcode.continuation, i % 2 ? 'x' : '', {fin: false})));
    const sockets = await Promise.all(Array.from({length: 20}, () => seated(gateway.port)));
    for (const socket of sockets) {
      await socket.send(frame(opcode.text, '42["x","', {fin: false}), tiny, tiny, tiny);
      assert.deepEqual(await settle(socket), []);
    }
    const grown = residentBytes(gateway.server.pid) - before;
    for (const socket of sockets) socket.destroy();
    assert.ok(grown < growth, `grown by ${grown} bytes`);
  });

  it('CVE-2026-1528: lengths in more bytes than they need, or in impossible ones', async () => {
    for (const [size, lengthForm] of [[10, 16], [10, 64], [200, 64], [0, 64]]) {
      const socket = await seated(gateway.port);
      await socket.send(frame(opcode.text, 'x'.repeat(size), {lengthForm}));
      assert.equal(await socket.closeCode(), 1002);
      socket.destroy();
    }
  });

  it('CVE-2021-45945: heads at the edge of the buffer, in odd portions', async () => {
    for (const size of [16_383, 16_384, 16_385, 65_535, 65_536, 65_537]) {
      const head = upgradeRequest(websocketTarget, {'X-Fill': ''});
      const bytes = Buffer.from(head.replace('X-Fill: ', `X-Fill: ${'x'.repeat(size - head.length)}`));
      assert.equal(bytes.length, size);
      for (const portion of [size, 4_093, 16_381]) {
        const connection = await RawConnection.open(gateway.port);
        const pieces = [];
        for (let at = 0; at < size; at += portion) pieces.push(bytes.subarray(at, at + portion));
        await connection.sendPieces(pieces);
        const response = await connection.response();
        assert.equal(response?.status, size <= 16_384 ? 101 : 431);
        connection.destroy();
      }
    }
  });

  it('CVE-2020-36406: sockets that leave their rooms while something is sent to them', async () => {
    for (let round = 0; round < 10; ++round) {
      const sockets = await Promise.all(Array.from({length: 10}, () => seated(gateway.port)));
      await Promise.all(sockets.map((socket, i) => socket.sendText(i % 2 ? '41' : '42["x"]')));
      sockets.forEach((socket, i) => (i % 3 ? socket.destroy() : socket.connection.reset()));
    }
    const client = await openSocket(gateway.port, websocketTarget);
    client.terminate();
    const last = await RawWebSocket.open(gateway.port, websocketTarget);
    last.destroy();
  });
});
