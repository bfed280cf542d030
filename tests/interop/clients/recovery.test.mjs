// Connection state recovery: who was cut off and comes back misses nothing and gets nothing twice.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {ask, collect, connected, newClient, once, recovering, versions} from '../lib/clients.mjs';
import {Proxy} from '../lib/proxy.mjs';
import {calm, isReference, startServer, useServer} from '../lib/server.mjs';
import {openConnection} from '../lib/socketio.mjs';
import {eventually} from '../lib/wait.mjs';

// Should a cut fall between two polls, it is only noticed when a pong fails to come.
const heartbeats = ['--ping-interval-ms', '300', '--ping-timeout-ms', '1500'];

/**
 * Runs `play` with a client behind a proxy and a publisher that is not, on a server of their own:
 * its list of reasons grows only by what happens here.
 */
async function withPair(options, io, play) {
  const server = await startServer(...heartbeats, '--recovery');
  const proxy = await Proxy.to(server.port);
  const publisher = newClient(server.port, {transports: ['websocket']});
  const client = newClient(proxy.port, options, io);
  try {
    await connected(publisher);
    await connected(client);
    await play({proxy, publisher, client, numbers: collect(client, 'n')});
  } finally {
    client.disconnect();
    publisher.disconnect();
    await proxy.close();
    await server.stop();
  }
}

/** The first event with an offset, without which nothing can be resumed. */
async function seed(publisher, numbers) {
  publisher.emit('broadcast', 'n', -1);
  assert.equal((await numbers.next())[0], -1);
}

/** Cuts the client off and waits until the server knows, which it tells in its list of reasons. */
async function cut(proxy, client, publisher) {
  const before = await countReasons(publisher);
  if (client.io.engine.transport.name === 'polling') {
    await eventually(() => proxy.waiting, 'a request that can be broken');
  }
  const gone = once(client, 'disconnect');
  proxy.cutAndRefuse();
  await gone;
  await eventually(async () => await countReasons(publisher) > before, 'the server to notice');
}

async function countReasons(publisher) {
  const [reasons] = await ask(publisher, 'last-reasons');
  return reasons.length;
}

async function comeBack(proxy, client) {
  const back = once(client, 'connect');
  proxy.open();
  await back;
}

const options = {
  websocket: {transports: ['websocket']},
  polling: {transports: ['polling']},
};
for (const version of recovering) {
  for (const [way, transport] of Object.entries(options)) {
    describe(`Recovery of socket.io-client ${version} by ${way}`, () => {
      const run = (play) => withPair(transport, versions[version], play);

      it('brings what was missed, once and in order', () => run(async (
          {proxy, publisher, client, numbers}) => {
        await seed(publisher, numbers);
        const {id} = client;
        await cut(proxy, client, publisher);
        for (let i = 0; i < 50; ++i) publisher.emit('broadcast', 'n', i);
        await ask(publisher, 'message-with-ack');

        await comeBack(proxy, client);
        publisher.emit('broadcast', 'n', 50);

        for (let i = 0; i <= 50; ++i) assert.equal((await numbers.next())[0], i);
        assert.equal(client.recovered, true);
        assert.equal(client.id, id);
        assert.equal(numbers.size, 0);
      }));

      it('works again and again', () => run(async ({proxy, publisher, client, numbers}) => {
        await seed(publisher, numbers);
        let sent = 0;
        let expected = 0;
        for (let round = 0; round < 4; ++round) {
          await cut(proxy, client, publisher);
          for (let i = 0; i < round; ++i) publisher.emit('broadcast', 'n', sent++);
          await ask(publisher, 'message-with-ack');
          await comeBack(proxy, client);
          assert.equal(client.recovered, true);
          publisher.emit('broadcast', 'n', sent++);
          while (expected < sent) assert.equal((await numbers.next())[0], expected++);
        }
        assert.equal(numbers.size, 0);
      }));

      it('holds while events keep coming', () => run(async (
          {proxy, publisher, client, numbers}) => {
        await seed(publisher, numbers);
        let sent = 0;
        let enough = false;
        const publishing = (async () => {
          while (!enough) {
            for (let i = 0; i < 3; ++i) publisher.emit('broadcast', 'n', sent++);
            await ask(publisher, 'message-with-ack');
            await pause(5);
          }
        })();
        let expected = 0;
        for (let round = 0; round < 3; ++round) {
          for (let i = 0; i < 20; ++i) assert.equal((await numbers.next())[0], expected++);
          await cut(proxy, client, publisher);
          await comeBack(proxy, client);
          assert.equal(client.recovered, true);
        }
        enough = true;
        await publishing;
        while (expected < sent) assert.equal((await numbers.next())[0], expected++);
      }));

      it('holds when cut again while it brings what was missed', () => run(async (
          {proxy, publisher, client, numbers}) => {
        // npm's server sends what was missed before it answers CONNECT, so that a cut doubles it.
        if (isReference) return;
        const total = 600;
        await seed(publisher, numbers);
        await cut(proxy, client, publisher);
        for (let i = 0; i < total; ++i) publisher.emit('broadcast', 'n', i, 'x'.repeat(500));
        await ask(publisher, 'message-with-ack');
        let expected = 0;
        for (let round = 0; round < 4; ++round) {
          await comeBack(proxy, client);
          assert.equal(client.recovered, true);
          assert.equal((await numbers.next())[0], expected++);
          await cut(proxy, client, publisher);
          for (const [i] of numbers.takeAll()) assert.equal(i, expected++);
          // Should all have come in one go, there must be something new to wait for.
          publisher.emit('broadcast', 'n', total + round);
          await ask(publisher, 'message-with-ack');
        }
        await comeBack(proxy, client);
        while (expected < total + 4) assert.equal((await numbers.next())[0], expected++);
        assert.equal(numbers.size, 0);
      }));

      it('brings rooms back', () => run(async ({proxy, publisher, client, numbers}) => {
        await seed(publisher, numbers);
        await ask(client, 'join', 'mine');
        await cut(proxy, client, publisher);
        publisher.emit('to-room', 'mine', 'n', 1);
        publisher.emit('to-room', 'not mine', 'n', 2);
        await ask(publisher, 'message-with-ack');

        await comeBack(proxy, client);
        publisher.emit('to-room', 'mine', 'n', 3);
        publisher.emit('broadcast', 'n', 4);

        for (const expected of [1, 3, 4]) assert.equal((await numbers.next())[0], expected);
      }));

      it('brings binary', () => run(async ({proxy, publisher, client, numbers}) => {
        await seed(publisher, numbers);
        await cut(proxy, client, publisher);
        publisher.emit('broadcast', 'n', Buffer.from([1, 2, 3]), 'text');
        await ask(publisher, 'message-with-ack');

        await comeBack(proxy, client);

        const [bytes, text] = await numbers.next();
        assert.deepEqual(Buffer.from(bytes), Buffer.from([1, 2, 3]));
        assert.equal(text, 'text');
      }));

      it('is not for those who left of their own will', () => run(async (
          {publisher, client, numbers}) => {
        await seed(publisher, numbers);
        const {id} = client;
        client.disconnect();
        publisher.emit('broadcast', 'n', 1);
        await ask(publisher, 'message-with-ack');
        client.connect();
        await connected(client);
        publisher.emit('broadcast', 'n', 2);

        assert.notEqual(client.recovered, true);
        assert.notEqual(client.id, id);
        assert.equal((await numbers.next())[0], 2);
      }));
    });
  }
}

describe('Recovery packet by packet', () => {
  const server = useServer(...calm, '--recovery');

  /** A client in `/` that knows its pid and the offset of its greeting. */
  async function resumable() {
    const client = await openConnection(server.port);
    await client.connect();
    const [name, auth, offset] = await client.nextEvent();
    assert.equal(name, 'auth');
    assert.deepEqual(auth, {});
    assert.equal(typeof offset, 'string');
    return Object.assign(client, {sid: client.sids['/'], pid: client.pids['/'], offset});
  }

  async function cutOff(client, observer) {
    const count = async () => (await observer.ask(1, 'last-reasons'))[0].length;
    const before = await count();
    client.engine.terminate();
    await eventually(async () => await count() > before, 'the server to notice');
  }

  /**
   * Comes back with these credentials; {sid, pid, events} where events are those missed, without
   * the greeting. npm's server sends them before its CONNECT reply and ours after.
   */
  async function resume(auth, missed = 0) {
    const client = await openConnection(server.port);
    await client.send(`0${JSON.stringify(auth)}`);
    const result = {client, events: []};
    while (result.sid === undefined || result.events.length < missed) {
      const packet = await client.next('the resumption');
      if (packet[0] === '0') {
        Object.assign(result, JSON.parse(packet.slice(1)));
      } else {
        assert.ok(isReference || result.sid !== undefined, 'CONNECT is answered first');
        const event = JSON.parse(packet.slice(1));
        if (event[0] !== 'auth') result.events.push(event);
      }
    }
    return result;
  }

  /** Nothing but greetings comes before the answer to a message. */
  async function expectNothingElse(client) {
    await client.send('2["message","fence"]');
    for (;;) {
      const event = await client.nextEvent();
      if (event[0] === 'auth') continue;
      assert.deepEqual(event.slice(0, 2), ['message-back', 'fence']);
      return;
    }
  }

  it('answers CONNECT with a secret beside the public id', async () => {
    const client = await resumable();

    assert.equal(typeof client.pid, 'string');
    assert.notEqual(client.pid, client.sid);
    assert.notEqual(client.pid, client.engine.sid);
    await client.close();
  });

  it('gives an offset to each event, but not to questions and volatile ones', async () => {
    const client = await resumable();

    await client.emit('message', 1);
    const [, , first] = await client.nextEvent();
    await client.emit('broadcast', 'news', 1);
    const [, , second] = await client.nextEvent();
    assert.equal(typeof first, 'string');
    assert.equal(typeof second, 'string');
    assert.notEqual(first, second);
    await client.emit('volatile-me', 'v', 1);
    assert.deepEqual(await client.nextEvent(), ['v', 1]);
    await client.emit('ask-me', 'q');
    assert.match(await client.next(), /^2\d+\["question","q"\]$/);
    await client.close();
  });

  it('acks carry no offset', async () => {
    const client = await resumable();
    assert.deepEqual(await client.ask(7, 'message-with-ack', 'x'), ['x']);
    await client.close();
  });

  it('resumes where the client was', async () => {
    const observer = await resumable();
    const client = await resumable();
    await cutOff(client, observer);
    for (let i = 0; i < 3; ++i) {
      await observer.emit('broadcast', 'n', i);
      await observer.nextEvent();
    }

    const back = await resume({pid: client.pid, offset: client.offset}, 3);

    assert.equal(back.sid, client.sid);
    assert.equal(back.pid, client.pid);
    assert.deepEqual(back.events.map(([name, i]) => [name, i]), [['n', 0], ['n', 1], ['n', 2]]);
    for (const event of back.events) assert.equal(typeof event[2], 'string');
    await expectNothingElse(back.client);
    await Promise.all([back.client.close(), observer.close()]);
  });

  it('resumes from a later offset with less to send', async () => {
    const observer = await resumable();
    const client = await resumable();
    await observer.emit('broadcast', 'n', 0);
    await observer.nextEvent();
    const [, , offset] = await client.nextEvent();
    await cutOff(client, observer);
    await observer.emit('broadcast', 'n', 1);
    await observer.nextEvent();

    const back = await resume({pid: client.pid, offset}, 1);

    assert.deepEqual(back.events.map(([, i]) => i), [1]);
    await expectNothingElse(back.client);
    await Promise.all([back.client.close(), observer.close()]);
  });

  it('does not bring back what belonged to others', async () => {
    const observer = await resumable();
    const client = await resumable();
    await cutOff(client, observer);
    await observer.emit('to-room', 'elsewhere', 'n', 'not for you');
    await observer.emit('to-room', observer.sid, 'n', 'mine');
    await observer.nextEvent();
    await observer.emit('broadcast', 'n', 'for all');
    await observer.nextEvent();

    const back = await resume({pid: client.pid, offset: client.offset}, 1);

    assert.deepEqual(back.events.map(([, text]) => text), ['for all']);
    await expectNothingElse(back.client);
    await Promise.all([back.client.close(), observer.close()]);
  });

  const strangers = {
    'an unknown pid': (client) => ({pid: 'nobody', offset: client.offset}),
    'the public id for a pid': (client) => ({pid: client.sid, offset: client.offset}),
    'an unknown offset': (client) => ({pid: client.pid, offset: 'nowhere'}),
    'an empty offset': (client) => ({pid: client.pid, offset: ''}),
    'a number for a pid': (client) => ({pid: 1, offset: client.offset}),
    'objects': () => ({pid: {a: 1}, offset: [1]}),
    'nulls': () => ({pid: null, offset: null}),
    'no pid': (client) => ({offset: client.offset}),
    'a prototype': (client) => ({pid: '__proto__', offset: client.offset}),
  };
  for (const [name, credentials] of Object.entries(strangers)) {
    it(`begins anew with ${name}`, async () => {
      const observer = await resumable();
      const client = await resumable();
      await cutOff(client, observer);

      const back = await resume(credentials(client));

      assert.notEqual(back.sid, client.sid);
      assert.notEqual(back.pid, client.pid);
      await expectNothingElse(back.client);
      await Promise.all([back.client.close(), observer.close()]);
    });
  }

  it('gives a pid to one at a time', async () => {
    // npm's in-memory adapter gives it to everybody who asks.
    if (isReference) return;
    const observer = await resumable();
    const client = await resumable();
    await cutOff(client, observer);
    const auth = {pid: client.pid, offset: client.offset};

    const backs = await Promise.all(Array.from({length: 5}, () => resume(auth)));

    const same = backs.filter((back) => back.sid === client.sid);
    assert.ok(same.length >= 1);
    let open = same.length;
    for (const back of same) back.client.engine.end.then(() => { --open; });
    await eventually(() => open <= 1, 'all but one to be let go');
    await observer.close();
    for (const back of backs) back.client.engine.terminate();
  });

  it('never has two sockets of one id, when the old one still seems to live', async () => {
    const client = await resumable();

    const back = await resume({pid: client.pid, offset: client.offset});

    if (back.sid === client.sid) await client.closed();
    else await client.send('2["message","still mine"]');
    await expectNothingElse(back.client);
    client.engine.terminate();
    await back.client.close();
  });

  it('forgets who left by DISCONNECT or was kicked', async () => {
    for (const end of ['1', '2["kick"]']) {
      const client = await resumable();
      await client.send(end);
      await client.engine.settle();
      client.engine.terminate();

      const back = await resume({pid: client.pid, offset: client.offset});

      assert.notEqual(back.sid, client.sid);
      await back.client.close();
    }
  });

  it('keeps namespaces apart', async () => {
    const observer = await resumable();
    const client = await resumable();
    const {pid} = await client.connect('/custom');
    assert.notEqual(pid, client.pid);
    await cutOff(client, observer);

    const back = await resume({pid, offset: client.offset});

    assert.notEqual(back.sid, client.sid);
    await Promise.all([back.client.close(), observer.close()]);
  });
});
