import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {calm, useServer} from '../lib/server.mjs';
import {connect, connectPolling, openConnection} from '../lib/socketio.mjs';

const argumentLists = {
  'no argument': [],
  'several types': [1, '2', {3: [true]}, null, false, 1.5, ''],
  unicode: ['caf\u00e9', '\u20ac', '\ud83d\udea2', '\u2028\u2029', '\u0000'],
  'quotes and slashes': ['"', '\\', '\\"', 'a\nb'],
  'nested lists': [[[[[1]]]], {a: {b: {c: {}}}}],
  'big and small numbers': [0, -1, 1e21, 1e-7, Number.MAX_SAFE_INTEGER, -1.25e-300],
  'looks like a placeholder': [{num: 0}, {_placeholder: false}],
};

for (const [transport, open] of Object.entries({websocket: connect, polling: connectPolling})) {
  describe(`Socket.IO events over ${transport}`, () => {
    const server = useServer(...calm);

    for (const [name, args] of Object.entries(argumentLists)) {
      it(`carries ${name}`, async () => {
        const client = await open(server.port);

        await client.emit('message', ...args);

        await client.expectEvent('message-back', ...args);
      });

      it(`acknowledges ${name}`, async () => {
        const client = await open(server.port);

        assert.deepEqual(await client.ask(456, 'message-with-ack', ...args), args);
      });
    }

    it('carries binary', async () => {
      const client = await open(server.port);
      await client.send('51-["message",{"_placeholder":true,"num":0}]');
      await client.send(Buffer.from([1, 2, 3]));

      assert.equal(await client.next(), '51-["message-back",{"_placeholder":true,"num":0}]');
      assert.deepEqual(await client.next(), Buffer.from([1, 2, 3]));
    });

    it('carries several attachments in their places', async () => {
      const client = await open(server.port);
      const hole = (num) => ({_placeholder: true, num});
      const args = [{a: hole(0), b: [hole(1), {c: hole(2)}]}, 'text', hole(3)];
      await client.send(`54-${JSON.stringify(['message', ...args])}`);
      const bytes = [
        Buffer.from([1]), Buffer.alloc(0), Buffer.from([3, 3]), Buffer.alloc(70000, 4),
      ];
      for (const attachment of bytes) await client.send(attachment);

      await expectBinary(client, '5', '', ['message-back', ...args], bytes);
    });

    it('puts attachments where their numbers say, whatever their order', async () => {
      const client = await open(server.port);
      await client.send(
          '52-["message",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]');
      await client.send(Buffer.from('first'));
      await client.send(Buffer.from('second'));

      const [header, ...attachments] = [
        await client.next(), await client.next(), await client.next()];
      const args = JSON.parse(header.slice(3));
      assert.equal(header.slice(0, 3), '52-');
      assert.deepEqual(
          args.slice(1).map(({num}) => attachments[num].toString()), ['second', 'first']);
    });

    it('acknowledges binary', async () => {
      const client = await open(server.port);
      await client.send('51-789["message-with-ack",{"_placeholder":true,"num":0},"x"]');
      await client.send(Buffer.from([9]));

      await expectBinary(
          client, '6', '789', [{_placeholder: true, num: 0}, 'x'], [Buffer.from([9])]);
    });

    it('takes ten attachments', async () => {
      const client = await open(server.port);
      const holes = Array.from({length: 10}, (_, num) => ({_placeholder: true, num}));
      await client.send(`510-${JSON.stringify(['message', ...holes])}`);
      const bytes = holes.map(({num}) => Buffer.from([num]));
      for (const attachment of bytes) await client.send(attachment);

      await expectBinary(client, '5', '', ['message-back', ...holes], bytes);
    });

    it('keeps the order of a burst of text and binary', async () => {
      const client = await open(server.port);
      for (let i = 0; i < 30; ++i) {
        await client.emit('message', i);
        await client.send('51-["message",{"_placeholder":true,"num":0}]');
        await client.send(Buffer.from([i]));
      }

      for (let i = 0; i < 30; ++i) {
        await client.expectEvent('message-back', i);
        await client.next();
        assert.deepEqual(await client.next(), Buffer.from([i]));
      }
    });

    it('answers acks in the order asked, with their own ids', async () => {
      const client = await open(server.port);
      for (const id of [0, 7, 7, 123456789]) {
        await client.send(`2${id}["message-with-ack",${id}]`);
      }

      for (const id of [0, 7, 7, 123456789]) assert.equal(await client.next(), `3${id}[${id}]`);
    });
  });
}

/** `type`, count, `id`, then arguments whose holes are filled by the attachments that follow. */
async function expectBinary(client, type, id, args, attachments) {
  const header = await client.next('a binary packet');
  const head = `${type}${attachments.length}-${id}`;
  assert.ok(header.startsWith(`${head}[`), `${head}…, not ${header}`);
  const got = JSON.parse(header.slice(head.length));
  const received = [];
  for (const _ of attachments) received.push(await client.next('an attachment'));
  const fill = (value, bytes) => {
    if (value?._placeholder === true) return bytes[value.num].toString('hex');
    if (Array.isArray(value)) return value.map((item) => fill(item, bytes));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, bytes)]));
  };
  assert.deepEqual(fill(got, received), fill(args, attachments));
}

describe('Socket.IO events of a namespace', () => {
  const server = useServer(...calm);

  it('are answered in that namespace, to those in it', async () => {
    const client = await connect(server.port);
    await client.connect('/custom');
    await client.greeting('/custom');
    const other = await connect(server.port);

    await client.send('2/custom,["message","here"]');
    assert.equal(await client.next(), '2/custom,["message-back","here"]');
    await client.send('2/custom,17["message-with-ack",1]');
    assert.equal(await client.next(), '3/custom,17[1]');
    await client.send('2/custom,["broadcast","news",1]');
    assert.equal(await client.next(), '2/custom,["news",1]');

    await client.emit('broadcast', 'fence');
    await client.expectEvent('fence');
    await other.expectEvent('fence');
    await Promise.all([client.close(), other.close()]);
  });

  it('carry binary in that namespace', async () => {
    const client = await openConnection(server.port);
    await client.connect('/custom');
    await client.greeting('/custom');

    await client.send('51-/custom,8["message-with-ack",{"_placeholder":true,"num":0}]');
    await client.send(Buffer.from([4, 5]));

    assert.equal(await client.next(), '61-/custom,8[{"_placeholder":true,"num":0}]');
    assert.deepEqual(await client.next(), Buffer.from([4, 5]));
    await client.close();
  });

  it('go to the rooms of that namespace only', async () => {
    const client = await connect(server.port);
    await client.connect('/custom');
    await client.greeting('/custom');
    await client.ask(1, 'join', 'same name');

    await client.send('2/custom,["to-room","same name","never"]');

    await client.expectAlive();
    await client.close();
  });

  it('may be named freely', async () => {
    const client = await connect(server.port);
    for (const name of ['', 'error', '__proto__', 'toString', '\u20ac', 'x'.repeat(10000)]) {
      await client.emit(name, {});
    }
    await client.expectAlive();
    await client.close();
  });
});

describe('Socket.IO DISCONNECT', () => {
  const server = useServer(...calm);

  it('leaves one namespace and keeps the others', async () => {
    const client = await connect(server.port);
    await client.connect('/custom');
    await client.greeting('/custom');

    await client.leave('/custom');

    await client.expectAlive();
    await client.close();
  });

  it('keeps the connection when none is left, for another CONNECT', async () => {
    const client = await connect(server.port);
    const sid = client.sids['/'];

    await client.leave();

    await client.connect();
    await client.greeting();
    assert.notEqual(client.sids['/'], sid);
    await client.close();
  });

  it('closes on a packet to the namespace just left', async () => {
    const client = await connect(server.port);

    await client.leave();
    await client.send('2["message","late"]');

    await client.closed();
  });

  it('comes from the server when it kicks', async () => {
    const client = await connect(server.port);
    await client.connect('/custom');
    await client.greeting('/custom');

    await client.emit('kick');

    assert.equal(await client.next(), '1');
    await client.connect();
    await client.greeting();
    await client.close();
  });

  it('takes the connection along when the server says so', async () => {
    const client = await connect(server.port);

    await client.emit('kick-close');

    await client.closed();
    assert.ok(client.engine.inbox.takeAll().every((packet) => packet === '41'));
  });

  it('takes a polling session along as well', async () => {
    const client = await connectPolling(server.port);

    await client.emit('kick-close');

    const answer = await client.engine.poll();
    // The close must not come beside the packet that tells why: clients would take it in first.
    if (answer.status === 200) assert.equal(answer.text, '41');
    for (;;) {
      const next = await client.engine.poll();
      if (next.status === 400) break;
      assert.match(next.text, /^(6\x1e)?1$/);
    }
  });

  it('lets nothing slip through to a socket that has left', async () => {
    const client = await openConnection(server.port);
    await client.connect();
    await client.greeting();
    const other = await connect(server.port);
    await client.ask(0, 'join', 'club');
    await client.leave();
    await client.connect();
    await client.greeting();

    await other.emit('to-room', 'club', 'secret');
    await other.emit('broadcast', 'fence');

    await other.expectEvent('fence');
    await client.expectEvent('fence');
    await Promise.all([client.close(), other.close()]);
  });
});
