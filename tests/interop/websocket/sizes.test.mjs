// Messages of every size at which something changes, cut up on the way in every manner, and what is
// wrong told as soon as it is known.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {calm, isReference, useServer} from '../lib/server.mjs';
import {RawWebSocket, frame, opcode} from '../lib/websocket.mjs';

const path = '/engine.io/?EIO=4&transport=websocket';
const {continuation, text, binary} = opcode;
const limit = 1000000;

async function openAt(server) {
  const socket = await RawWebSocket.open(server.port, path);
  assert.match(await socket.nextText(), /^0\{/);
  return socket;
}

/** A text message of `bytes` bytes with letters of one to four bytes in it. */
function textOf(bytes) {
  const pattern = 'a\u00e9\u20ac\u{1f6a2}';
  const unit = Buffer.byteLength(pattern);
  return `4${pattern.repeat(Math.floor((bytes - 1) / unit))}${'x'.repeat((bytes - 1) % unit)}`;
}

/** A binary message of `bytes` bytes in which every place can be told from its neighbours. */
function bytesOf(bytes) {
  return Buffer.from(Uint8Array.from({length: bytes}, (_, i) => (i * 31 + (i >> 8)) & 0xff));
}

const messages = {
  text: (size) => ({op: text, payload: Buffer.from(textOf(size))}),
  binary: (size) => ({op: binary, payload: bytesOf(size)}),
};

async function assertEchoed(socket, {op, payload}) {
  const got = await socket.next();
  assert.equal(got?.opcode, op);
  assert.ok(got.payload.equals(payload), `${got.payload.length} bytes as they were sent`);
}

/** `bytes` in pieces of `length`. */
function chop(bytes, length) {
  return Array.from(
      {length: Math.ceil(bytes.length / length)},
      (_, i) => bytes.subarray(i * length, (i + 1) * length));
}

/** One message in fragments of `length` bytes. */
function fragments({op, payload}, length) {
  const pieces = chop(payload, length);
  return pieces.map((piece, i) => frame(
      i === 0 ? op : continuation, piece, {fin: i === pieces.length - 1}));
}

for (const [kind, make] of Object.entries(messages)) {
  describe(`WebSocket messages of ${kind}`, () => {
    const server = useServer('--engineio', ...calm);

    for (const size of [1, 2, 125, 126, 127, 128, 65535, 65536, 65537]) {
      it(`of ${size} bytes in one frame`, async () => {
        const socket = await openAt(server);
        const message = make(size);
        await socket.send(frame(message.op, message.payload));
        await assertEchoed(socket, message);
        socket.destroy();
      });
    }

    for (const size of [4096, 16384, 65536, 262144, limit]) {
      for (const length of [64, 256, 1024, 4096, 16384, 65536].filter((each) => each <= size)) {
        // A fragment costs the client a frame: no more of them than tell something.
        if (size / length > 5000) continue;
        it(`of ${size} bytes in fragments of ${length}`, async () => {
          const socket = await openAt(server);
          const message = make(size);
          await socket.send(...fragments(message, length));
          await assertEchoed(socket, message);
          socket.destroy();
        });
      }
    }

    for (const [size, length] of [[65536, 997], [65536, 1], [limit, 16381]]) {
      // Byte by byte only the beginning, where the frame says what it is.
      const name = length === 1 ? 'its first hundred bytes one by one' : `pieces of ${length}`;
      it(`of ${size} bytes, ${name}`, async () => {
        const socket = await openAt(server);
        const message = make(size);
        const wire = frame(message.op, message.payload);
        const pieces = length === 1 ? [...chop(wire.subarray(0, 100), 1), wire.subarray(100)] :
                                      chop(wire, length);
        await socket.sendPieces(pieces);
        await assertEchoed(socket, message);
        socket.destroy();
      });
    }

    it('of ten thousand fragments, every other one empty', async () => {
      const socket = await openAt(server);
      const payload = kind === 'text' ? textOf(5001) : bytesOf(5001);
      const message = {op: kind === 'text' ? text : binary, payload: Buffer.from(payload)};
      const frames = fragments(message, 1).flatMap(
          (each, i) => i === 0 ? [each] : [frame(continuation, '', {fin: false}), each]);
      await socket.send(...frames);
      await assertEchoed(socket, message);
      socket.destroy();
    });

    for (const over of [1, 1000, limit]) {
      it(`${over} bytes over the limit is too much, in one frame and in several`, async () => {
        for (const length of [limit + over, 65536]) {
          const socket = await openAt(server);
          // The server may break off before it was told everything.
          socket.send(...fragments(make(limit + over), length)).catch(() => {});
          assert.equal(await socket.closeCode(), 1009);
          socket.destroy();
        }
      });
    }
  });
}

describe('WebSocket mistakes are told at once', () => {
  const server = useServer('--engineio', ...calm);

  async function assertClosesOn(code, bytes) {
    const socket = await openAt(server);
    await socket.send(bytes);
    const got = await socket.next();
    assert.equal(got?.opcode, opcode.close);
    assert.equal(got.payload.readUInt16BE(), code);
    socket.destroy();
  }

  // In each case the rest of the frame or message never comes.
  const impossible = {
    'a byte that is never in UTF-8': [0x34, 0xff],
    'an overlong form': [0x34, 0xe0, 0x80],
    'a surrogate': [0x34, 0xed, 0xa0],
    'a code point beyond the last': [0x34, 0xf4, 0x90],
  };
  for (const [name, start] of Object.entries(impossible)) {
    it(`${name} in an unfinished frame`, async () => {
      // npm's server looks at a message when all of it is there.
      if (isReference) return;
      const wire = frame(text, Buffer.concat([Buffer.from(start), Buffer.alloc(100, 0x78)]));
      await assertClosesOn(1007, wire.subarray(0, wire.length - 90));
    });

    it(`${name} in an unfinished message`, async () => {
      if (isReference) return;
      await assertClosesOn(1007, frame(text, Buffer.from(start), {fin: false}));
    });
  }

  const heads = {
    'a reserved bit': frame(text, 'x'.repeat(100), {rsv: 2}),
    'a reserved opcode': frame(5, 'x'.repeat(100)),
    'a long ping': frame(opcode.ping, 'x'.repeat(126)),
    'a frame without mask': frame(text, 'x'.repeat(100), {mask: false}),
  };
  for (const [name, wire] of Object.entries(heads)) {
    it(`${name}, with the head alone`, () => assertClosesOn(1002, wire.subarray(0, 2)));
  }
});
