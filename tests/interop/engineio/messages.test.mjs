import assert from 'node:assert/strict';
import {gunzipSync, inflateSync} from 'node:zlib';
import {describe, it} from 'node:test';
import {PollingSession, openWebSocketSession, separator} from '../lib/engineio.mjs';
import {calm, useServer} from '../lib/server.mjs';

const texts = {
  plain: 'hello',
  empty: '',
  'two-byte letters': 'caf\u00e9 \u00d8re \u03a9',
  'three-byte letters': '\u20ac \u4f60\u597d',
  astral: '\ud83d\udea2 \u{1f6f0}\u{10ffff}',
  'control characters': 'a\u0000b\u001fc\u007f',
  'leading digits': '0123456',
  json: '{"quote":"\\"","path":"c:\\\\x"}',
};

describe('Engine.IO messages on long-polling', () => {
  const server = useServer('--engineio', ...calm);

  for (const [name, text] of Object.entries(texts)) {
    it(`carries text: ${name}`, async () => {
      const session = await PollingSession.open(server.port);

      await session.send(`4${text}`);

      assert.equal(await session.next(), `4${text}`);
    });
  }

  it('answers in the content types of the protocol', async () => {
    const session = await PollingSession.open(server.port);

    const posted = await session.post('4hello');
    assert.equal(posted.status, 200);
    assert.match(posted.headers['content-type'], /^text\/html/);
    assert.equal(posted.text, 'ok');
    const polled = await session.poll();
    assert.equal(polled.headers['content-type'], 'text/plain; charset=UTF-8');
    assert.equal(polled.headers['cache-control'], 'no-store');
    assert.equal(polled.text, '4hello');
  });

  it('splits a payload into its packets, in order', async () => {
    const session = await PollingSession.open(server.port);

    await session.send('4one', '4', '4three', 'bAQID', '4five');

    const packets = [];
    while (packets.length < 5) packets.push(await session.next());
    assert.deepEqual(packets, ['4one', '4', '4three', 'bAQID', '4five']);
  });

  it('takes a payload of a thousand packets', async () => {
    const session = await PollingSession.open(server.port);
    const packets = Array.from({length: 1000}, (_, i) => `4${i}`);

    await session.send(...packets);

    const back = [];
    while (back.length < 1000) back.push(await session.next());
    assert.deepEqual(back, packets);
  });

  it('carries binary as base64, of every remainder', async () => {
    const session = await PollingSession.open(server.port);

    for (const bytes of [[], [255], [0, 1], [1, 2, 3], [250, 251, 252, 253, 254, 255]]) {
      const packet = `b${Buffer.from(bytes).toString('base64')}`;
      await session.send(packet);
      assert.equal(await session.next(), packet);
    }
  });

  it('carries every byte value', async () => {
    const session = await PollingSession.open(server.port);
    const packet = `b${Buffer.from(Array.from({length: 256}, (_, i) => i)).toString('base64')}`;

    await session.send(packet);

    assert.equal(await session.next(), packet);
  });

  it('wakes a waiting poll', async () => {
    const session = await PollingSession.open(server.port);
    const waiting = session.poll();

    await session.send('4wake up');

    assert.equal((await waiting).text, '4wake up');
  });

  it('keeps messages while no poll waits', async () => {
    const session = await PollingSession.open(server.port);

    await session.send('4first');
    await session.send('4second');
    await session.send('4third');

    assert.equal((await session.poll()).text, ['4first', '4second', '4third'].join(separator));
  });

  it('compresses only for those who accept it', async () => {
    const session = await PollingSession.open(server.port);
    const text = `4${'abcdefgh'.repeat(1000)}`;

    for (const coding of ['gzip', 'deflate', 'identity']) {
      await session.send(text);
      const answer = await session.poll({headers: {'accept-encoding': coding}});
      const used = answer.headers['content-encoding'];
      if (used !== undefined) assert.equal(used, coding);
      const unpack = {gzip: gunzipSync, deflate: inflateSync}[used] ?? ((body) => body);
      assert.equal(unpack(answer.body).toString(), text);
    }
  });

  it('carries a long text both ways', async () => {
    const session = await PollingSession.open(server.port);
    const packet = `4${'\u00e9'.repeat(200000)}`;

    await session.send(packet);

    assert.equal(await session.next(), packet);
  });
});

describe('Engine.IO messages on WebSocket', () => {
  const server = useServer('--engineio', ...calm);

  for (const [name, text] of Object.entries(texts)) {
    it(`carries text: ${name}`, async () => {
      const session = await openWebSocketSession(server.port);

      session.send(`4${text}`);

      assert.equal(await session.next(), `4${text}`);
      await session.close();
    });
  }

  it('carries binary as binary frames without prefix', async () => {
    const session = await openWebSocketSession(server.port);

    for (const length of [0, 1, 125, 126, 65535, 65536, 500000]) {
      const bytes = Buffer.alloc(length, length % 251);
      session.send(bytes);
      assert.deepEqual(await session.next(), bytes);
    }
    await session.close();
  });

  it('keeps the order of text and binary', async () => {
    const session = await openWebSocketSession(server.port);

    for (let i = 0; i < 50; ++i) {
      session.send(`4${i}`);
      session.send(Buffer.from([i]));
    }

    for (let i = 0; i < 50; ++i) {
      assert.equal(await session.next(), `4${i}`);
      assert.deepEqual(await session.next(), Buffer.from([i]));
    }
    await session.close();
  });

  it('sends binary as base64 text to those who ask with b64=1', async () => {
    const session = await openWebSocketSession(server.port, undefined, '&b64=1');

    session.send(Buffer.from([1, 2, 3]));

    assert.equal(await session.next(), 'bAQID');
    await session.close();
  });

  for (const packet of ['', '7', 'abc', ' 4x', '\u20ac']) {
    it(`ends with the packet "${packet}", which is none`, async () => {
      const session = await openWebSocketSession(server.port);

      session.send(packet);
      session.send('4after');

      assert.notEqual(await session.closed(), 1006, 'a close frame, not a cut');
      assert.equal(session.inbox.size, 0);
    });
  }

  it('ignores packets that mean nothing from a client', async () => {
    const session = await openWebSocketSession(server.port);

    for (const packet of ['0', '3', '5', '6', '0{}', '3probe', '6x']) session.send(packet);
    session.send('4still here');

    assert.equal(await session.next(), '4still here');
    await session.close();
  });
});
