// The table of errors, over HTTP and at the WebSocket's door.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {
  PollingSession, assertRefusal, enginePath, errors, openWebSocketSession, pollingQuery,
  websocketQuery,
} from '../lib/engineio.mjs';
import {RawConnection, request} from '../lib/http.mjs';
import {calm, isReference, useServer} from '../lib/server.mjs';
import {trySocket, upgradeRequest} from '../lib/websocket.mjs';
import {eventually} from '../lib/wait.mjs';

const strangers = [
  'nobody', '__proto__', 'constructor', 'hasOwnProperty', '0', '%00', 'x'.repeat(5000), '%ff%fe',
  'AAAAAAAAAAAAAAAAAAAA', '-1', '..%2f..', '%F0%9F%9A%A2',
];

describe('Engine.IO refusals over HTTP', () => {
  const server = useServer('--engineio', ...calm);
  const open = () => PollingSession.open(server.port);

  for (const sid of strangers) {
    it(`does not know session "${sid.slice(0, 30)}"`, async () => {
      const url = `${enginePath}?${pollingQuery}&sid=${sid}`;

      assertRefusal(await request(server.port, url), ...errors.sessionUnknown);
      assertRefusal(
          await request(server.port, url, {method: 'POST', body: '4x'}), ...errors.sessionUnknown);
    });
  }

  it('does not know a session by a changed id', async () => {
    const {sid} = await open();
    for (const changed of [sid.slice(0, -1), `${sid}A`, sid.toLowerCase() + sid.toUpperCase()]) {
      const answer = await request(
          server.port, `${enginePath}?${pollingQuery}&sid=${changed}`);
      assertRefusal(answer, ...errors.sessionUnknown);
    }
  });

  it('does not know a session by its id cut anywhere or with one character changed', async () => {
    const session = await open();
    for (let i = 0; i < session.sid.length; ++i) {
      const other = session.sid[i] === 'A' ? 'B' : 'A';
      for (const sid of [
        session.sid.slice(0, i) + other + session.sid.slice(i + 1), session.sid.slice(0, i),
      ]) {
        if (sid === '') continue;
        const answer = await request(server.port, `${enginePath}?${pollingQuery}&sid=${sid}`);
        assertRefusal(answer, ...errors.sessionUnknown);
      }
    }
    await session.send('4unharmed');
    assert.equal(await session.next(), '4unharmed');
  });

  it('refuses an unknown transport of a known session', async () => {
    const session = await open();

    assertRefusal(
        await request(server.port, `${enginePath}?EIO=4&transport=abc&sid=${session.sid}`),
        ...errors.transportUnknown);
  });

  it('refuses long-polling on a WebSocket session', async () => {
    const session = await openWebSocketSession(server.port);
    const url = `${enginePath}?${pollingQuery}&sid=${session.sid}`;

    assertRefusal(await request(server.port, url), ...errors.badRequest);
    assertRefusal(
        await request(server.port, url, {method: 'POST', body: '4x'}), ...errors.badRequest);

    session.send('4unharmed');
    assert.equal(await session.next(), '4unharmed');
    await session.close();
  });

  it('refuses transport=websocket on a polling session without an upgrade', async () => {
    const session = await open();

    assertRefusal(
        await request(server.port, `${enginePath}?${websocketQuery}&sid=${session.sid}`),
        ...errors.badRequest);
  });

  it('refuses another protocol version than the session has', async () => {
    const session = await open();

    for (const version of ['EIO=3', 'x=1']) {
      assertRefusal(
          await request(
              server.port, `${enginePath}?${version}&transport=polling&sid=${session.sid}`),
          ...errors.badRequest);
    }
  });

  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    it(`refuses ${method} on a session and leaves it alone`, async () => {
      const session = await open();

      const answer = await request(server.port, session.url, {method});

      // npm's server calls this its own fault (500); to call it the client's is as good.
      assert.ok([400, 405, 500].includes(answer.status), `${answer.status}`);
      await session.send('4unharmed');
      assert.equal(await session.next(), '4unharmed');
    });
  }

  it('refuses a binary body and ends the session', async () => {
    const session = await open();

    const answer = await session.post(
        Buffer.from([1, 2, 3]), {'content-type': 'application/octet-stream'});

    assert.equal(answer.status, 400);
    assert.equal(answer.text, '');
    await eventually(() => session.isGone(), 'the session to end');
  });

  const unparsable = {
    'an empty body': '',
    'a letter for a type': 'abc',
    'a type out of range': '7x',
    'an empty packet at the end': '4x\x1e',
    'an empty packet at the start': '\x1e4x',
    'an empty packet between': '4x\x1e\x1e4y',
    'a bad packet after a good one': '4x\x1eabc',
    'a separator alone': '\x1e',
  };
  for (const [name, body] of Object.entries(unparsable)) {
    it(`ends the session on ${name}`, async () => {
      const session = await open();

      const answer = await session.post(body);

      assert.ok([200, 400].includes(answer.status), `${answer.status}`);
      await eventually(() => session.isGone(), 'the session to end');
    });
  }

  it('never echoes text that is not UTF-8', async () => {
    const session = await open();

    const answer = await session.post(Buffer.from([0x34, 0xff, 0xfe, 0x41]));

    assert.ok([200, 400].includes(answer.status), `${answer.status}`);
    const polled = await session.poll();
    if (polled.status === 200) {
      new TextDecoder('utf-8', {fatal: true}).decode(polled.body);
    } else {
      assertRefusal(polled, ...errors.sessionUnknown);
    }
  });

  for (const packet of ['b', 'b====', 'bA', 'bA===', 'b!!!!', 'bAQ=D', 'bAQID\n']) {
    it(`survives base64 "${JSON.stringify(packet)}"`, async () => {
      const session = await open();

      const answer = await session.post(packet);

      assert.ok([200, 400].includes(answer.status), `${answer.status}`);
      const gone = await session.isGone();
      if (!gone && packet !== 'b') {
        assert.match(await session.next(), /^(b[A-Za-z0-9+/]*={0,2}|1)$/);
      }
    });
  }

  it('refuses an Origin that is no header value', async () => {
    const connection = await RawConnection.open(server.port);
    await connection.send(
        `GET ${enginePath}?${pollingQuery} HTTP/1.1\r\nHost: x\r\nOrigin: a\x01b\r\n\r\n`);

    assert.equal((await connection.response()).status, 400);
    connection.destroy();
  });
});

describe('Engine.IO refusals at the WebSocket door', () => {
  const server = useServer('--engineio', ...calm);

  async function assertRefused(query, pattern) {
    const answer = await trySocket(server.port, `${enginePath}?${query}`);
    if (answer.client) {
      // npm's server says 101 first to some of these; the suites ask only that it closes.
      assert.ok(isReference, 'refused before the upgrade');
      await answer.client.closed();
      return;
    }
    assert.equal(answer.refused, 400);
    assert.match(answer.body, pattern);
    assert.match(answer.headers.connection, /close/i);
  }

  it('unknown transport', () => assertRefused('EIO=4&transport=abc', /Transport unknown/));
  it('no transport', () => assertRefused('EIO=4', /Transport unknown/));
  it('unknown session', () => assertRefused(`${websocketQuery}&sid=abc`, /Session ID unknown/));
  it('long-polling by upgrade', () => assertRefused(pollingQuery, /./));
  for (const version of ['EIO=3', 'EIO=abc', 'EIO=5', 'x=1']) {
    it(`version ${version}`,
       () => assertRefused(`${version}&transport=websocket`, /Unsupported protocol version/));
  }

  it('another version than the session has', async () => {
    const session = await PollingSession.open(server.port);

    await assertRefused(`EIO=3&transport=websocket&sid=${session.sid}`, /Bad request/);

    await session.send('4unharmed');
    assert.equal(await session.next(), '4unharmed');
  });

  it('another path', async () => {
    const connection = await RawConnection.open(server.port);
    await connection.send(upgradeRequest(`/elsewhere/?${websocketQuery}`));

    // To drop the connection without a word is npm's way.
    const answer = await connection.response();
    assert.ok(answer === null || answer.status >= 400, `${answer?.status}`);
    connection.destroy();
  });

  it('another protocol than websocket', async () => {
    const connection = await RawConnection.open(server.port);
    await connection.send(
        upgradeRequest(`${enginePath}?${websocketQuery}`, {Upgrade: 'h2c'}));

    const answer = await connection.response();
    assert.ok(answer === null || answer.status >= 400, `${answer?.status}`);
    connection.destroy();
  });

  it('goes on serving after all this', async () => {
    const session = await openWebSocketSession(server.port);
    session.send('4x');
    assert.equal(await session.next(), '4x');
    await session.close();
  });
});
