import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {calm, useServer} from '../lib/server.mjs';
import {RawWebSocket, closeFrame, frame, opcode} from '../lib/websocket.mjs';

const path = '/engine.io/?EIO=4&transport=websocket';

async function openAt(server) {
  const socket = await RawWebSocket.open(server.port, path);
  assert.match(await socket.nextText(), /^0\{/);
  return socket;
}

describe('WebSocket closing handshake', () => {
  const server = useServer('--engineio', ...calm);

  async function closeWith(bytes) {
    const socket = await openAt(server);
    await socket.send(bytes);
    const code = await socket.closeCode();
    socket.destroy();
    return code;
  }

  for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000,
    4999]) {
    it(`answers code ${code} with the same and ends the connection`, async () => {
      assert.equal(await closeWith(closeFrame(code)), code);
      assert.equal(await closeWith(closeFrame(code, 'because \u20ac')), code);
    });
  }

  // Registered after the RFC.
  for (const code of [1012, 1013, 1014]) {
    it(`answers code ${code} with the same or as a mistake`, async () => {
      assert.ok([code, 1002].includes(await closeWith(closeFrame(code))));
    });
  }

  for (const code of [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]) {
    it(`does not take ${code} for a code`, async () => {
      assert.equal(await closeWith(closeFrame(code)), 1002);
    });
  }

  it('answers a close without code', async () => {
    assert.ok([1005, 1000].includes(await closeWith(frame(opcode.close))));
  });

  it('does not take one byte for a code', async () => {
    assert.equal(await closeWith(frame(opcode.close, [3])), 1002);
  });

  it('takes a reason as long as fits', async () => {
    assert.equal(await closeWith(closeFrame(1000, 'x'.repeat(123))), 1000);
  });

  it('wants the reason in UTF-8', async () => {
    for (const reason of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0x41, 0xe2, 0x82]]) {
      assert.equal(await closeWith(closeFrame(1000, Buffer.from(reason))), 1007);
    }
  });

  it('reads nothing after the close', async () => {
    const socket = await openAt(server);
    await socket.send(
        closeFrame(1000), frame(opcode.text, '4late'), frame(opcode.ping, 'late'),
        closeFrame(1001));

    const got = await socket.next();
    assert.equal(got.opcode, opcode.close);
    assert.equal(got.payload.readUInt16BE(), 1000);
    assert.equal(await socket.next(), null);
    socket.destroy();
  });

  it('closes between fragments', async () => {
    const socket = await openAt(server);
    await socket.send(frame(opcode.text, '4x', {fin: false}), closeFrame(1000));
    assert.equal(await socket.closeCode(), 1000);
    socket.destroy();
  });

  it('delivers what came before the close', async () => {
    const socket = await openAt(server);
    await socket.send(frame(opcode.text, '4last words'), closeFrame(1000));
    assert.equal(await socket.nextText(), '4last words');
    assert.equal(await socket.closeCode(), 1000);
    socket.destroy();
  });

  it('ends the connection of a client that only says goodbye by FIN', async () => {
    const socket = await openAt(server);
    socket.connection.finish();
    await socket.closeCode();
    socket.destroy();
  });
});
