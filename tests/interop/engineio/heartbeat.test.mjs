import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {PollingSession, assertRefusal, errors, openWebSocketSession} from '../lib/engineio.mjs';
import {useServer} from '../lib/server.mjs';
import {eventually} from '../lib/wait.mjs';

describe('Engine.IO heartbeat answered', () => {
  const server = useServer(
      '--engineio', '--ping-interval-ms', '150', '--ping-timeout-ms', '5000');

  it('goes on as long as pongs come, on long-polling', async () => {
    const session = await PollingSession.open(server.port);

    for (let i = 0; i < 3; ++i) {
      assert.equal(await session.next(), '2');
      await session.send('3');
    }
    await session.send('4alive');
    assert.equal(await session.next(), '4alive');
  });

  it('goes on as long as pongs come, on WebSocket', async () => {
    const session = await openWebSocketSession(server.port);

    for (let i = 0; i < 3; ++i) {
      assert.equal(await session.next(), '2');
      session.send('3');
    }
    session.send('4alive');
    assert.equal(await session.next(), '4alive');
    await session.close();
  });

  it('sends the next ping only after the pong', async () => {
    const session = await openWebSocketSession(server.port);
    assert.equal(await session.next(), '2');

    for (let i = 0; i < 20; ++i) {
      session.send('4x');
      assert.equal(await session.next(), '4x');
      await eventually(() => true, 'a turn');
    }
    session.send('3');

    assert.equal(await session.next(), '2');
    await session.close();
  });

  it('goes on over an upgrade', async () => {
    const session = await PollingSession.open(server.port);
    const probe = await session.openProbe();
    probe.send('2probe');
    assert.equal(await probe.next(), '3probe');
    probe.send('5');

    for (let i = 0; i < 3; ++i) {
      assert.equal(await probe.next(), '2');
      probe.send('3');
    }
    probe.send('4alive');
    assert.equal(await probe.next(), '4alive');
    await probe.close();
  });

  it('closes on a ping of a client, which is the wrong direction', async () => {
    const session = await openWebSocketSession(server.port);
    session.send('2');
    await session.closed();

    const polling = await PollingSession.open(server.port);
    await polling.post('2');
    await eventually(() => polling.isGone(), 'the session to end');
  });
});

describe('Engine.IO heartbeat unanswered', () => {
  const server = useServer('--engineio');

  it('closes a WebSocket', async () => {
    const session = await openWebSocketSession(server.port);

    assert.equal(await session.next(), '2');
    await session.closed();
  });

  it('ends a WebSocket that has said it closes', async () => {
    const session = await openWebSocketSession(server.port);
    session.send('1');
    await session.closed();
  });

  it('closes a long-polling session', async () => {
    const session = await PollingSession.open(server.port);

    assert.equal(await session.next(), '2');
    const last = await session.poll();
    if (last.status === 200) assert.equal(last.text, '1');
    else assertRefusal(last, ...errors.sessionUnknown);
    assertRefusal(await session.poll(), ...errors.sessionUnknown);
  });

  it('closes a session that never polls', async () => {
    const session = await PollingSession.open(server.port);

    await eventually(async () => {
      const answer = await session.post('4x');
      return answer.status === 400;
    }, 'the session to end');
  });

  it('does not take other traffic for a pong for ever', async () => {
    const session = await openWebSocketSession(server.port);
    let open = true;
    const end = session.closed().then(() => { open = false; });

    await eventually(() => {
      if (open) session.ws.send('4still talking', () => {});
      return !open;
    }, 'the server to close');
    await end;
  });

  it('accepts pongs nobody asked for without counting them as answers', async () => {
    const session = await openWebSocketSession(server.port);
    session.send('3');

    assert.equal(await session.next(), '2');
    await session.closed();
  });
});
