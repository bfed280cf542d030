import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {
  PollingSession, assertRefusal, enginePath, errors, openWebSocketSession, parseOpen,
  pollingQuery,
} from '../lib/engineio.mjs';
import {request} from '../lib/http.mjs';
import {calm, startServer, useServer} from '../lib/server.mjs';
import {openSocket} from '../lib/websocket.mjs';

describe('Engine.IO handshake', () => {
  const server = useServer('--engineio', ...calm);
  const get = (query, path = enginePath) => request(server.port, `${path}?${query}`);

  it('opens on long-polling', async () => {
    const answer = await get(pollingQuery);

    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8');
    assert.equal(answer.headers['cache-control'], 'no-store');
    const open = parseOpen(answer.text);
    assert.deepEqual(
        Object.keys(open).sort(), ['maxPayload', 'pingInterval', 'pingTimeout', 'sid', 'upgrades']);
    assert.equal(typeof open.sid, 'string');
    assert.ok(open.sid.length >= 16, 'a session id is a secret');
    assert.deepEqual(open.upgrades, ['websocket']);
    assert.equal(open.pingInterval, 60000);
    assert.equal(open.pingTimeout, 60000);
    assert.equal(open.maxPayload, 1000000);
  });

  it('opens on WebSocket, with nothing left to upgrade to', async () => {
    const session = await openWebSocketSession(server.port);

    assert.deepEqual(session.open.upgrades, []);
    assert.equal(typeof session.open.sid, 'string');
    assert.equal(session.open.maxPayload, 1000000);
    await session.close();
  });

  it('gives every session an id of its own', async () => {
    const opened = await Promise.all(
        Array.from({length: 20}, () => PollingSession.open(server.port)));

    assert.equal(new Set(opened.map((session) => session.sid)).size, 20);
    for (const {sid} of opened) assert.match(sid, /^[\w.~-]+$/, 'safe in a query');
  });

  it('sets no cookie and no CORS header unasked', async () => {
    const answer = await request(
        server.port, `${enginePath}?${pollingQuery}`, {headers: {origin: 'http://example.com'}});

    assert.equal(answer.status, 200);
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  });

  it('ignores the cache buster and leaves other parameters to the application', async () => {
    const answer = await get(`t=Pxyz-.~&userId=42&${pollingQuery}&empty=&flag`);

    parseOpen(answer.text);
  });

  it('takes the last of duplicate parameters', async () => {
    assert.equal((await get(`EIO=3&transport=websocket&${pollingQuery}`)).status, 200);
  });

  it('decodes percent escapes in the query', async () => {
    assert.equal((await get('EIO=%34&transport=poll%69ng')).status, 200);
  });

  it('does not take the path without its slash for its own', async () => {
    assert.equal((await get(pollingQuery, '/engine.io')).status, 404);
    assert.equal((await get(pollingQuery, '/elsewhere/')).status, 404);
  });

  for (const version of ['EIO=3', 'EIO=5', 'EIO=abc', 'EIO=04', 'EIO=', 'x=1']) {
    it(`refuses protocol version ${version}`, async () => {
      assertRefusal(await get(`${version}&transport=polling`), ...errors.badVersion);
    });
  }

  for (const transport of ['abc', '', 'webtransport', 'Polling', '__proto__', 'polling%00']) {
    it(`refuses transport "${transport}"`, async () => {
      assertRefusal(await get(`EIO=4&transport=${transport}`), ...errors.transportUnknown);
    });
  }

  it('refuses a request without transport', async () => {
    assertRefusal(await get('EIO=4'), ...errors.transportUnknown);
    assertRefusal(await request(server.port, enginePath), ...errors.transportUnknown);
  });

  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    it(`refuses a handshake by ${method}`, async () => {
      const answer = await request(server.port, `${enginePath}?${pollingQuery}`, {method});

      assertRefusal(answer, ...errors.badMethod);
    });
  }

  it('refuses transport=websocket without an upgrade', async () => {
    assertRefusal(await get('EIO=4&transport=websocket'), ...errors.badRequest);
  });

  it('announces the limits it was started with', async () => {
    const other = await startServer(
        '--engineio', '--ping-interval-ms', '1234', '--ping-timeout-ms', '567', '--max-payload',
        '89000');
    try {
      const {open} = await PollingSession.open(other.port);
      assert.equal(open.pingInterval, 1234);
      assert.equal(open.pingTimeout, 567);
      assert.equal(open.maxPayload, 89000);
    } finally {
      await other.stop();
    }
  });

  it('has the defaults of the conformance contract', async () => {
    const other = await startServer('--engineio');
    try {
      const {open} = await PollingSession.open(other.port);
      assert.equal(open.pingInterval, 300);
      assert.equal(open.pingTimeout, 200);
      assert.equal(open.maxPayload, 1000000);
    } finally {
      await other.stop();
    }
  });

  it('upgrades whatever the case and company of the connection header', async () => {
    const client = await openSocket(
        server.port, `${enginePath}?EIO=4&transport=websocket`,
        {headers: {connection: 'keep-alive, UPGRADE', upgrade: 'WebSocket'}});

    parseOpen(await client.next());
    await client.close();
  });
});
