// What npm's server answers to wrong requests, by HTTP, at the door of a WebSocket and where
// requests of one session overlap: row by row, and ours the same unless the row says why not.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {
  PollingSession, enginePath, openWebSocketSession, pollingQuery, websocketQuery,
} from '../lib/engineio.mjs';
import {RawConnection, request} from '../lib/http.mjs';
import {calm, isReference, useServer} from '../lib/server.mjs';
import {openSocket, trySocket} from '../lib/websocket.mjs';
import {eventually} from '../lib/wait.mjs';

const json = (code, message) => ({status: 400, json: {code, message}});
const unknownTransport = json(0, 'Transport unknown');
const unknownSession = json(1, 'Session ID unknown');
const badMethod = json(2, 'Bad handshake method');
const badRequest = json(3, 'Bad request');
const badVersion = json(5, 'Unsupported protocol version');

/** `query` may hold a session id as SID; `over` says that the session is gone afterwards. */
const requests = [
  {row: 'no transport', query: 'EIO=4', npm: unknownTransport},
  {row: 'an unknown transport', query: 'EIO=4&transport=abc', npm: unknownTransport},
  {row: 'an unknown session', query: `${pollingQuery}&sid=abc`, npm: unknownSession},
  {row: 'the session __proto__', query: `${pollingQuery}&sid=__proto__`, npm: unknownSession},
  ...['POST', 'PUT', 'OPTIONS'].map(
      (method) => ({row: `a handshake by ${method}`, method, query: pollingQuery, npm: badMethod})),
  {row: 'a WebSocket without upgrade', query: websocketQuery, npm: badRequest},
  {row: 'another transport', query: `${websocketQuery}&sid=SID`, npm: badRequest},
  {row: 'another version', query: 'EIO=3&transport=polling&sid=SID', npm: badRequest},
  {row: 'version 3', query: 'EIO=3&transport=polling', npm: badVersion},
  {row: 'no version', query: 'transport=polling', npm: badVersion},
  ...['PUT', 'DELETE'].map((method) => ({
    row: `${method} to a session`, method, query: `${pollingQuery}&sid=SID`,
    npm: {status: 500, text: ''},
  })),
  {
    row: 'a binary body', method: 'POST', query: `${pollingQuery}&sid=SID`, body: 'x', over: true,
    headers: {'content-type': 'application/octet-stream'}, npm: {status: 400, text: ''},
  },
  {
    row: 'a body over the limit', method: 'POST', query: `${pollingQuery}&sid=SID`,
    body: `4${'x'.repeat(1000000)}`, npm: {status: 413, text: ''},
    ours: {status: 413, text: '', over: true},
    why: 'a message is lost, and the client must learn that',
  },
  ...['abc', ''].map((body) => ({
    row: `the body "${body}"`, method: 'POST', query: `${pollingQuery}&sid=SID`, body, over: true,
    npm: {status: 200, text: 'ok'}, ours: {status: 400},
    why: 'what was not understood was not taken',
  })),
];

describe('Wrong requests:', () => {
  const server = useServer('--engineio', ...calm);

  for (const {row, query, method, body, headers, over, npm, ours, why} of requests) {
    it(why ? `${row}; npm's server differs: ${why}` : row, async () => {
      assert.equal(ours === undefined, why === undefined, 'who differs says why');
      const expected = isReference ? npm : ours ?? npm;
      const session = await PollingSession.open(server.port);

      const answer = await request(
          server.port, `${enginePath}?${query.replace('SID', session.sid)}`,
          {method, body, headers});

      assert.equal(answer.status, expected.status, answer.text);
      if (expected.json) {
        assert.match(answer.headers['content-type'], /^application\/json/);
        assert.deepEqual(answer.json, expected.json);
      }
      if (expected.text !== undefined) assert.equal(answer.text, expected.text);
      if (over || expected.over) {
        await eventually(() => session.isGone(), 'the session to end');
      } else {
        await session.send('4unharmed');
        assert.equal(await session.next(), '4unharmed');
      }
    });
  }
});

const refused = (text) => ({status: 400, text});
/** npm's server opens the WebSocket before it says no. */
const opened = {opens: true};
const doors = [
  {row: 'no transport', query: 'EIO=4', npm: refused('Transport unknown')},
  {row: 'an unknown session', query: `${websocketQuery}&sid=x`, npm: refused('Session ID unknown')},
  {
    row: 'version 3', query: 'EIO=3&transport=websocket', npm: opened,
    ours: refused('Unsupported protocol version'), why: 'a refusal comes before the upgrade',
  },
  {
    row: 'long-polling', query: pollingQuery, npm: opened, ours: refused('Bad request'),
    why: 'a refusal comes before the upgrade',
  },
];

describe('Wrong upgrades:', () => {
  const server = useServer('--engineio', ...calm);

  for (const {row, query, npm, ours, why} of doors) {
    it(why ? `${row}; npm's server differs: ${why}` : row, async () => {
      const expected = isReference ? npm : ours ?? npm;
      const answer = await trySocket(server.port, `${enginePath}?${query}`);
      if (expected.opens) {
        await answer.client.closed();
        return;
      }
      assert.equal(answer.refused, expected.status);
      assert.equal(answer.body, expected.text);
      assert.equal(answer.headers.connection, 'close');
      assert.match(answer.headers['content-type'], /^text\/html/);
    });
  }

  it('another version of the WebSocket', async () => {
    const connection = await RawConnection.open(server.port);
    await connection.send(
        `GET ${enginePath}?${websocketQuery} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n` +
        'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Sec-WebSocket-Version: 12\r\n\r\n');
    const response = await connection.response();
    connection.destroy();
    // npm's server names a draft beside it.
    assert.ok([400, 426].includes(response.status), `${response.status}`);
    assert.match(response.headers['sec-websocket-version'], isReference ? /^13, 8$/ : /^13$/);
  });

  for (const stage of ['while one upgrades', 'after the upgrade']) {
    it(`a second WebSocket of a session, ${stage}`, async () => {
      const session = await PollingSession.open(server.port);
      const first = await session.openProbe();
      first.send('2probe');
      assert.equal(await first.next(), '3probe');
      if (stage === 'after the upgrade') {
        first.send('5');
        first.send('4settled');
        assert.equal(await first.next(), '4settled');
      }
      const second = await openSocket(
          server.port, `${enginePath}?${websocketQuery}&sid=${session.sid}`);
      await second.closed();
      if (stage !== 'after the upgrade') first.send('5');
      first.send('4unharmed');
      assert.equal(await first.next(), '4unharmed');
      await first.close();
    });
  }

  it('long-polling of a session that is on a WebSocket', async () => {
    const session = await openWebSocketSession(server.port);
    for (const method of ['GET', 'POST']) {
      const answer = await request(
          server.port, `${enginePath}?${pollingQuery}&sid=${session.sid}`,
          {method, body: method === 'POST' ? '4x' : undefined});
      assert.equal(answer.status, 400);
      assert.deepEqual(answer.json, badRequest.json);
    }
    await session.close();
  });
});

describe('Overlapping requests:', () => {
  const server = useServer('--engineio', ...calm);
  const open = () => PollingSession.open(server.port);

  /** A GET that the server is known to hold, on a connection of its own. */
  async function hold(session) {
    const connection = await RawConnection.open(server.port);
    await connection.send(`GET ${session.url} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return connection;
  }

  it('a second GET: close for the one, 400 for the other, and the session is over', async () => {
    const session = await open();
    const [one, other] = (await Promise.all([session.poll(), session.poll()]))
        .sort((a, b) => a.status - b.status);
    assert.deepEqual([one.status, one.text, other.status, other.text], [200, '1', 400, '']);
    assert.deepEqual((await session.poll()).json, unknownSession.json);
  });

  it('a second POST: 400, and the session is over', async () => {
    const session = await open();
    const half = await RawConnection.open(server.port);
    await half.send(`POST ${session.url} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n` +
        'Content-Length: 100\r\n\r\n4half');
    const answer = await eventually(async () => {
      const posted = await session.post('4whole');
      return posted.status !== 200 && posted;
    }, 'a POST to be refused');
    assert.equal(answer.status, 400);
    await eventually(() => session.isGone(), 'the session to end');
    half.destroy();
  });

  it('a GET given up: the session is over', async () => {
    const session = await open();
    (await hold(session)).destroy();
    await eventually(() => session.isGone(), 'the session to end');
  });

  it('a POST of close while a GET waits: a noop for the GET', async () => {
    const session = await open();
    const waiting = await hold(session);
    // The GET came first on its connection, but nothing says which is read first.
    await session.send('1');
    const answer = await waiting.response();
    if (answer.status === 200) assert.equal(answer.text, '6');
    else assert.deepEqual(answer.json, unknownSession.json);
    waiting.destroy();
    await eventually(async () => {
      const polled = await session.poll();
      return polled.status === 400 && polled.json.code === unknownSession.json.code;
    }, 'the session to end');
  });
});
