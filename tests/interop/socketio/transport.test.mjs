// The Engine.IO below Socket.IO, at its own path and with the short heartbeats of the contract.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {
  PollingSession, assertRefusal, errors, openWebSocketSession, parseOpen, pollingQuery,
  websocketQuery,
} from '../lib/engineio.mjs';
import {request} from '../lib/http.mjs';
import {isReference, useServer} from '../lib/server.mjs';
import {socketPath} from '../lib/socketio.mjs';
import {openSocket, trySocket} from '../lib/websocket.mjs';
import {eventually} from '../lib/wait.mjs';

// Whoever joins no namespace is let go in the end, but not in the middle of these tests.
const patient = ['--connect-timeout-ms', '60000'];

describe('The transport of Socket.IO', () => {
  const server = useServer(...patient);
  const open = () => PollingSession.open(server.port, socketPath);
  const get = (query, options) => request(server.port, `${socketPath}?${query}`, options);

  it('opens on long-polling', async () => {
    const answer = await get(pollingQuery);
    assert.equal(answer.status, 200);
    const {sid, ...rest} = parseOpen(answer.text);
    assert.equal(typeof sid, 'string');
    assert.deepEqual(
        rest,
        {upgrades: ['websocket'], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000});
  });

  it('opens on WebSocket', async () => {
    const session = await openWebSocketSession(server.port, socketPath);
    assert.deepEqual(session.open.upgrades, []);
    session.terminate();
  });

  for (const version of ['EIO=abc', 'x=1']) {
    it(`refuses protocol ${version} on long-polling`, async () => {
      assertRefusal(await get(`${version}&transport=polling`), ...errors.badVersion);
    });
  }

  for (const transport of ['transport=abc', 'x=1']) {
    it(`refuses ${transport} on long-polling`, async () => {
      assertRefusal(await get(`EIO=4&${transport}`), ...errors.transportUnknown);
    });
  }

  for (const method of ['POST', 'PUT']) {
    it(`refuses a handshake by ${method}`, async () => {
      assertRefusal(await get(pollingQuery, {method}), ...errors.badMethod);
    });
  }

  for (const query of ['EIO=abc&transport=websocket', 'transport=websocket', 'EIO=4&transport=abc',
    'EIO=4']) {
    it(`refuses a WebSocket with ${query}`, async () => {
      const answer = await trySocket(server.port, `${socketPath}?${query}`);
      if (isReference && answer.client) await answer.client.closed();
      else assert.equal(answer.refused, 400);
    });
  }

  it('ends a long-polling session without pongs', async () => {
    const session = await open();
    assert.equal(await session.next(), '2');
    await eventually(async () => (await session.poll()).status === 400, 'the session to end');
  });

  it('ends a WebSocket without pongs', async () => {
    const session = await openWebSocketSession(server.port, socketPath);
    assert.equal(await session.next(), '2');
    await session.closed();
  });

  it('ends a long-polling session by a close packet', async () => {
    const session = await open();
    await session.send('1');
    await eventually(async () => (await session.poll()).status === 400, 'the session to end');
  });

  it('ends a WebSocket by a close packet', async () => {
    const session = await openWebSocketSession(server.port, socketPath);
    session.send('1');
    session.ws.close();
    await session.closed();
  });
});

describe('The heartbeat of Socket.IO', () => {
  const server = useServer(...patient, '--ping-interval-ms', '150', '--ping-timeout-ms', '5000');

  it('goes on as long as pongs come, on long-polling', async () => {
    const session = await PollingSession.open(server.port, socketPath);
    for (let i = 0; i < 3; ++i) {
      assert.equal(await session.next(), '2');
      await session.send('3');
    }
  });

  it('goes on as long as pongs come, on WebSocket', async () => {
    const session = await openWebSocketSession(server.port, socketPath);
    for (let i = 0; i < 3; ++i) {
      assert.equal(await session.next(), '2');
      session.send('3');
    }
    session.terminate();
  });
});

describe('The upgrade of Socket.IO', () => {
  const server = useServer(...patient, '--ping-interval-ms', '60000');

  async function upgrade() {
    const session = await PollingSession.open(server.port, socketPath);
    const socket = await session.openProbe();
    socket.send('2probe');
    assert.equal(await socket.next(), '3probe');
    socket.send('5');
    socket.send('40');
    assert.match(await socket.next(), /^40\{"sid":/);
    assert.equal(await socket.next(), '42["auth",{}]');
    return {session, socket};
  }

  async function assertUnharmed(socket) {
    socket.send('42["message",1]');
    assert.equal(await socket.next(), '42["message-back",1]');
    await socket.close();
  }

  it('moves the session to the WebSocket', async () => {
    await assertUnharmed((await upgrade()).socket);
  });

  it('leaves no way back to long-polling', async () => {
    const {session, socket} = await upgrade();
    assertRefusal(await session.poll(), ...errors.badRequest);
    await assertUnharmed(socket);
  });

  it('closes another WebSocket with the same session', async () => {
    const {session, socket} = await upgrade();
    const other = await openSocket(
        server.port, `${socketPath}?${websocketQuery}&sid=${session.sid}`);
    await other.closed();
    await assertUnharmed(socket);
  });
});
