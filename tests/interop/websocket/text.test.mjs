// Text must be UTF-8, wherever it is cut.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {calm, useServer} from '../lib/server.mjs';
import {RawWebSocket, frame, opcode} from '../lib/websocket.mjs';

const path = '/engine.io/?EIO=4&transport=websocket';
const {continuation, text, ping} = opcode;

const valid = {
  'two bytes': '\u0080\u07ff',
  'three bytes': '\u0800\ud7ff\ue000\uffff',
  'four bytes': '\u{10000}\u{10ffff}',
  'no characters': '\ufffe\uffff\ufeff',
  'a mixture': 'a\u00e9\u20ac\u{1f6a2}z',
};

const invalid = {
  'a lone continuation byte': [0x80],
  'a continuation byte after text': [0x41, 0xbf],
  'an overlong slash in two': [0xc0, 0xaf],
  'an overlong slash in three': [0xe0, 0x80, 0xaf],
  'an overlong slash in four': [0xf0, 0x80, 0x80, 0xaf],
  'the highest overlong in two': [0xc1, 0xbf],
  'the highest overlong in three': [0xe0, 0x9f, 0xbf],
  'the highest overlong in four': [0xf0, 0x8f, 0xbf, 0xbf],
  'an overlong zero': [0xc0, 0x80],
  'the first surrogate': [0xed, 0xa0, 0x80],
  'the last surrogate': [0xed, 0xbf, 0xbf],
  'a pair of surrogates': [0xed, 0xa0, 0xbd, 0xed, 0xba, 0xa2],
  'beyond the last code point': [0xf4, 0x90, 0x80, 0x80],
  'a five byte form': [0xf8, 0x88, 0x80, 0x80, 0x80],
  'a six byte form': [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
  'byte fe': [0xfe],
  'byte ff': [0xff],
  'an unfinished two': [0xc3],
  'an unfinished three': [0xe2, 0x82],
  'an unfinished four': [0xf0, 0x9f, 0x9a],
  'an unfinished one before text': [0xe2, 0x82, 0x41],
};

async function openAt(server) {
  const socket = await RawWebSocket.open(server.port, path);
  assert.match(await socket.nextText(), /^0\{/);
  return socket;
}

describe('WebSocket text that is UTF-8', () => {
  const server = useServer('--engineio', ...calm);

  for (const [name, content] of Object.entries(valid)) {
    it(`${name}, whole`, async () => {
      const socket = await openAt(server);
      await socket.sendText(`4${content}`);
      assert.equal(await socket.nextText(), `4${content}`);
      socket.destroy();
    });

    it(`${name}, fragmented at every byte, with pings between`, async () => {
      const socket = await openAt(server);
      const bytes = Buffer.from(`4${content}`);
      for (let cut = 0; cut <= bytes.length; ++cut) {
        await socket.send(
            frame(text, bytes.subarray(0, cut), {fin: false}), frame(ping, 'between'),
            frame(continuation, bytes.subarray(cut)));
        assert.equal((await socket.next()).opcode, opcode.pong);
        assert.equal(await socket.nextText(), `4${content}`);
      }
      socket.destroy();
    });

    it(`${name}, one byte a fragment`, async () => {
      const socket = await openAt(server);
      const bytes = Buffer.from(`4${content}`);
      await socket.send(...Array.from(bytes, (byte, i) => frame(
          i === 0 ? text : continuation, [byte], {fin: i === bytes.length - 1})));
      assert.equal(await socket.nextText(), `4${content}`);
      socket.destroy();
    });

    it(`${name}, one byte a segment`, async () => {
      const socket = await openAt(server);
      await socket.sendPieces(
          Array.from(frame(text, `4${content}`), (byte) => Buffer.from([byte])));
      assert.equal(await socket.nextText(), `4${content}`);
      socket.destroy();
    });
  }
});

describe('WebSocket text that is not UTF-8', () => {
  const server = useServer('--engineio', ...calm);

  async function assertRefused(send) {
    const socket = await openAt(server);
    await send(socket);
    const got = await socket.next();
    assert.equal(got?.opcode, opcode.close, 'nothing of it is echoed');
    assert.equal(got.payload.readUInt16BE(), 1007);
    socket.destroy();
  }

  for (const [name, bytes] of Object.entries(invalid)) {
    const message = Buffer.from([0x34, ...bytes]);

    it(`${name}, whole`, () => assertRefused((socket) => socket.send(frame(text, message))));

    it(`${name}, in the middle of a long text`, () => assertRefused((socket) => socket.send(
        frame(text, Buffer.concat([message, Buffer.from('x'.repeat(100))])))));

    it(`${name}, after a long text`, () => assertRefused((socket) => socket.send(
        frame(text, Buffer.concat([
          Buffer.from(`4${'\u20ac'.repeat(1000)}`), Buffer.from(bytes),
        ])))));

    it(`${name}, fragmented at every byte`, async () => {
      for (let cut = 1; cut <= message.length; ++cut) {
        await assertRefused((socket) => socket.send(
            frame(text, message.subarray(0, cut), {fin: false}),
            frame(continuation, message.subarray(cut))));
      }
    });

    it(`${name}, one byte a segment`, () => assertRefused((socket) => socket.sendPieces(
        Array.from(frame(text, message), (byte) => Buffer.from([byte])))));
  }

  it('is welcome in a binary message', async () => {
    const socket = await openAt(server);
    for (const bytes of Object.values(invalid)) {
      await socket.send(frame(opcode.binary, bytes));
      assert.deepEqual((await socket.next()).payload, Buffer.from(bytes));
    }
    socket.destroy();
  });
});
