import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {
  PollingSession, assertRefusal, errors, openWebSocketSession, pollingQuery,
} from '../lib/engineio.mjs';
import {RawConnection, request} from '../lib/http.mjs';
import {calm, threads, useServer} from '../lib/server.mjs';
import {eventually} from '../lib/wait.mjs';

describe('Engine.IO closing', () => {
  const server = useServer('--engineio', ...calm);
  const open = () => PollingSession.open(server.port);

  it('ends on a close packet in a POST', async () => {
    const session = await open();

    await session.send('1');

    // The POST may have overtaken a poll on its way, so a server of several shards may let one go.
    let answer = await session.poll();
    if (threads !== '1' && answer.status === 200) {
      assert.equal(answer.text, '6');
      answer = await session.poll();
    }
    assertRefusal(answer, ...errors.sessionUnknown);
  });

  it('lets the waiting poll go with a noop on a close packet', async () => {
    const session = await open();
    const waiting = session.poll();

    await session.send('1');

    // The POST may overtake the poll, which then finds no session.
    const answer = await waiting;
    if (answer.status === 200) assert.equal(answer.text, '6');
    else assertRefusal(answer, ...errors.sessionUnknown);
  });

  it('takes nothing after the close packet of a payload', async () => {
    const session = await open();
    const waiting = session.poll();

    const answer = await session.post('4before\x1e1\x1e4after');

    assert.equal(answer.status, 200);
    const polled = await waiting;
    if (polled.status === 200) assert.doesNotMatch(polled.text, /after/);
    assertRefusal(await session.poll(), ...errors.sessionUnknown);
  });

  it('ends on a close packet on WebSocket', async () => {
    const session = await openWebSocketSession(server.port);

    session.send('1');
    session.ws.close();

    await session.closed();
    const answer = await request(
        server.port, `/engine.io/?${pollingQuery}&sid=${session.sid}`);
    assertRefusal(answer, ...errors.sessionUnknown);
  });

  it('ends when the WebSocket is closed', async () => {
    const session = await openWebSocketSession(server.port);
    const url = `/engine.io/?${pollingQuery}&sid=${session.sid}`;
    assertRefusal(await request(server.port, url), ...errors.badRequest);

    await session.close();

    await eventually(
        async () => (await request(server.port, url)).json.code === 1, 'the session to end');
  });

  it('ends when the WebSocket is cut', async () => {
    const session = await openWebSocketSession(server.port);
    const url = `/engine.io/?${pollingQuery}&sid=${session.sid}`;

    session.terminate();

    await eventually(
        async () => (await request(server.port, url)).json.code === 1, 'the session to end');
  });

  it('ends when the client gives up a waiting poll', async () => {
    const session = await open();
    const connection = await RawConnection.open(server.port);
    await connection.send(`GET ${session.url} HTTP/1.1\r\nHost: x\r\n\r\n`);

    connection.destroy();

    await eventually(() => session.isGone(), 'the session to end');
  });

  it('ends when the client gives up a POST half way', async () => {
    const session = await open();
    const connection = await RawConnection.open(server.port);
    await connection.send(
        `POST ${session.url} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n` +
        'Content-Length: 100\r\n\r\n4half');

    connection.destroy();

    // npm's server ends the session; to forget the half message and go on is as good. What must
    // not happen is that the half message arrives.
    await session.post('4whole').catch(() => {});
    const answer = await session.poll();
    if (answer.status === 200) assert.equal(answer.text, '4whole');
    else assertRefusal(answer, ...errors.sessionUnknown);
  });
});

describe('Engine.IO overlapping requests', () => {
  const server = useServer('--engineio', ...calm);

  it('ends a session with two polls at once', async () => {
    const session = await PollingSession.open(server.port);

    const answers = await Promise.all([session.poll(), session.poll()]);

    answers.sort((a, b) => a.status - b.status);
    assert.deepEqual(answers.map((answer) => answer.status), [200, 400]);
    assert.equal(answers[0].text, '1');
    assert.equal(answers[1].text, '');
    assertRefusal(await session.poll(), ...errors.sessionUnknown);
  });

  it('ends a session with two POSTs at once', async () => {
    const session = await PollingSession.open(server.port);
    const half = await RawConnection.open(server.port);
    await half.send(
        `POST ${session.url} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n` +
        'Content-Length: 100\r\n\r\n4half');

    // Nothing tells when the server has seen the half request, so whole ones knock until it has.
    const refused = await eventually(async () => {
      const answer = await session.post('4whole');
      return answer.status !== 200 && answer;
    }, 'a POST to be refused');

    assert.equal(refused.status, 400);
    await eventually(() => session.isGone(), 'the session to end');
    half.destroy();
  });

  it('keeps overlapping sessions apart', async () => {
    const sessions = await Promise.all(
        Array.from({length: 10}, () => PollingSession.open(server.port)));
    const polls = sessions.map((session) => session.poll());

    await Promise.all(sessions.map((session, i) => session.send(`4mine ${i}`)));

    const answers = await Promise.all(polls);
    answers.forEach((answer, i) => assert.equal(answer.text, `4mine ${i}`));
  });
});
