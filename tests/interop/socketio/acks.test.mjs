// Acknowledgements the server asks for.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {calm, useServer} from '../lib/server.mjs';
import {connect, connectPolling} from '../lib/socketio.mjs';

/** Takes the question the server asks; its ack id. */
async function takeQuestion(client, value) {
  const packet = await client.next('a question');
  const match = /^2(\d+)(\[.*\])$/.exec(packet);
  assert.ok(match, `an event with an ack id, not ${packet}`);
  assert.deepEqual(JSON.parse(match[2]), ['question', value]);
  return Number(match[1]);
}

describe('Socket.IO acks of the client', () => {
  const server = useServer(...calm);

  for (const [transport, open] of Object.entries({websocket: connect, polling: connectPolling})) {
    it(`reach the server over ${transport}`, async () => {
      const client = await open(server.port);
      await client.emit('ask-me', {size: 1});
      const id = await takeQuestion(client, {size: 1});

      await client.send(`3${id}["fine",{"a":[1]}]`);

      const answer = await client.nextEvent();
      assert.deepEqual(answer.slice(0, 2), ['answer', 'fine']);
    });
  }

  it('count from zero', async () => {
    const client = await connect(server.port);
    const ids = [];
    for (let i = 0; i < 3; ++i) {
      await client.emit('ask-me', i);
      ids.push(await takeQuestion(client, i));
    }
    // Broadcast acks share one counter per namespace, so other sockets may have taken some.
    assert.ok(ids[0] < ids[1] && ids[1] < ids[2], ids.join());
    await client.close();
  });

  it('may come out of order', async () => {
    const client = await connect(server.port);
    const ids = [];
    for (let i = 0; i < 3; ++i) {
      await client.emit('ask-me', i);
      ids.push(await takeQuestion(client, i));
    }
    for (const i of [2, 0, 1]) {
      await client.send(`3${ids[i]}[${i}]`);
      await client.expectEvent('answer', i);
    }
    await client.close();
  });

  it('may carry binary', async () => {
    const client = await connect(server.port);
    await client.emit('ask-me', 'for bytes');
    const id = await takeQuestion(client, 'for bytes');

    await client.send(`61-${id}[{"_placeholder":true,"num":0}]`);
    await client.send(Buffer.from([7, 8]));

    assert.equal(await client.next(), '51-["answer",{"_placeholder":true,"num":0}]');
    assert.deepEqual(await client.next(), Buffer.from([7, 8]));
    await client.close();
  });

  it('count once', async () => {
    const client = await connect(server.port);
    await client.emit('ask-me', 1);
    const id = await takeQuestion(client, 1);

    await client.send(`3${id}["first"]`);
    await client.send(`3${id}["second"]`);

    await client.expectEvent('answer', 'first');
    await client.expectAlive();
    await client.close();
  });

  it('are ignored when nobody asked', async () => {
    const client = await connect(server.port);
    await client.send('3999["x"]');
    await client.send('399999999999999999["x"]');
    await client.expectAlive();
    await client.close();
  });

  it('of another socket do not answer mine', async () => {
    const asked = await connect(server.port);
    const other = await connect(server.port);
    await asked.emit('ask-me', 'mine');
    const id = await takeQuestion(asked, 'mine');

    await other.send(`3${id}["forged"]`);
    await other.expectAlive();
    await asked.send(`3${id}["true"]`);

    await asked.expectEvent('answer', 'true');
    await Promise.all([asked.close(), other.close()]);
  });

  it('are not waited for longer than said', async () => {
    const client = await connect(server.port);
    await client.emit('ask-me-timeout', 'quick');
    const id = await takeQuestion(client, 'quick');

    assert.deepEqual((await client.nextEvent()).slice(0, 1), ['answer-timeout']);
    await client.send(`3${id}["late"]`);
    await client.expectAlive();
    await client.close();
  });

  it('are forgotten with their socket', async () => {
    const client = await connect(server.port);
    await client.emit('ask-me', 1);
    const id = await takeQuestion(client, 1);
    await client.leave();
    await client.connect();
    await client.greeting();

    await client.send(`3${id}["from my former life"]`);

    await client.expectAlive();
    await client.close();
  });
});

describe('Socket.IO volatile events', () => {
  const server = useServer(...calm);

  it('reach a client that can take them', async () => {
    const client = await connect(server.port);
    await client.emit('volatile-me', 'now', 1);
    await client.expectEvent('now', 1);
    await client.close();
  });

  it('reach a waiting poll', async () => {
    const client = await connectPolling(server.port);
    const waiting = client.engine.poll();
    await client.emit('message', 'are you there');
    assert.equal((await waiting).text, '42["message-back","are you there"]');
  });

  it('are dropped when no poll waits', async () => {
    const client = await connectPolling(server.port);
    await client.emit('volatile-me', 'lost');
    await client.emit('message', 'kept');

    await client.expectEvent('message-back', 'kept');
  });
});
