// Inputs of published advisories about socket.io, socket.io-parser, python-socketio and
// socketioxide. docs/security.md has the table.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {farewell, seated, settle, useGateway, websocketTarget} from '../lib/gateway.mjs';
import {RawWebSocket, frame, opcode} from '../lib/websocket.mjs';

describe('Advisories about Socket.IO packets', () => {
  const gateway = useGateway();

  /** The packet is refused: its own connection ends, and nothing else does. */
  async function assertEnds(...frames) {
    const socket = await seated(gateway.port);
    await socket.send(...frames);
    await farewell(socket);
    socket.destroy();
  }
  const text = (packet) => frame(opcode.text, packet);

  it('CVE-2020-36049: counts, ids and names of a million characters', async () => {
    const many = 900_000;
    for (const packet of [
      `45${'1'.repeat(many)}`, `45${'1'.repeat(many)}-["x"]`, `42${'1'.repeat(many)}["x"]`,
      `42/${'n'.repeat(many)},["x"]`, `4${'2'.repeat(many)}`,
    ]) await assertEnds(text(packet));
  });

  it('CVE-2022-2421: placeholders that name no attachment', async () => {
    for (const num of ['"splice"', '"length"', '"__proto__"', '-1', '1', '1.5', '1e0', '"0"', 'true',
      'null', '{}', '[0]', '99999999999999999999']) {
      await assertEnds(text(`451-["x",{"_placeholder":true,"num":${num}}]`),
        frame(opcode.binary, 'bytes'));
    }
    await assertEnds(text('451-["x",{"_placeholder":true}]'), frame(opcode.binary, 'bytes'));
  });

  it('CVE-2023-32695: names of events that are no text', async () => {
    for (const name of ['{"toString":"foo"}', '{}', '[]', 'null', 'true', '["toString"]']) {
      await assertEnds(text(`42[${name}]`));
    }
  });

  it('CVE-2024-38355: an event called error', async () => {
    const socket = await seated(gateway.port);
    await socket.sendText('42["error",{}]');
    await socket.sendText('42["error"]');
    assert.deepEqual(await settle(socket), []);
    socket.destroy();
  });

  it('CVE-2026-33151: more attachments than anybody sends', async () => {
    for (const count of ['11', '1000', '999999999', '4294967297', '18446744073709551617']) {
      await assertEnds(text(`45${count}-["x",{"_placeholder":true,"num":0}]`));
    }
  });

  it('CVE-2026-69185: binary packets without an attachment', async () => {
    for (const packet of ['450-["x"]', '460-[]', '4500-["x"]', '45-["x"]', '45["x"]', '45-1-["x"]']) {
      await assertEnds(text(packet), frame(opcode.binary, 'bytes'));
    }
  });

  it('CVE-2026-48804, GHSA-55mf-67qm-4wpg: attachments before a namespace was joined', async () => {
    for (const packet of ['451-["x",{"_placeholder":true,"num":0}]', '461-[]']) {
      const socket = await RawWebSocket.open(gateway.port, websocketTarget);
      await socket.send(text(packet), frame(opcode.binary, Buffer.alloc(100_000)));
      await farewell(socket);
      socket.destroy();
    }
  });

  it('CVE-2026-48804, GHSA-55mf-67qm-4wpg: attachments beyond their bytes together', async () => {
    const socket = await seated(gateway.port);
    await socket.sendText('4510-["x",{"_placeholder":true,"num":0}]');
    // Nine times this is more than four times the largest message.
    for (let i = 0; i < 9; ++i) await socket.send(frame(opcode.binary, Buffer.alloc(500_000)));
    await farewell(socket);
    socket.destroy();
  });

  it('attachments that were owed when their client left are let go', async () => {
    for (let i = 0; i < 50; ++i) {
      const socket = await seated(gateway.port);
      await socket.sendText('452-["x",{"_placeholder":true,"num":0}]');
      await socket.send(frame(opcode.binary, Buffer.alloc(100_000)));
      if (i % 2) socket.connection.reset();
      else socket.destroy();
    }
  });

  it('values nested beyond any stack', async () => {
    for (const depth of [65, 6_000, 400_000]) {
      await assertEnds(text(`42["x",${'['.repeat(depth)}${']'.repeat(depth)}]`));
      await assertEnds(text(`42["x",${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}]`
        .slice(0, 990_000)));
    }
  });

  it('names that mean something to JavaScript mean nothing', async () => {
    const socket = await seated(gateway.port);
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      await socket.sendText(`42["${name}",{"__proto__":{"admin":true}}]`);
      await socket.sendText(`40/${name},`);
      assert.match(await socket.nextText(), /^44\/.*Invalid namespace/);
    }
    socket.destroy();
  });
});
