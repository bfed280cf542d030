import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {
  PollingSession, assertRefusal, errors, openWebSocketSession,
} from '../lib/engineio.mjs';
import {RawConnection} from '../lib/http.mjs';
import {calm, useServer} from '../lib/server.mjs';

const limit = 10000;

describe('Engine.IO payload limits', () => {
  const server = useServer('--engineio', ...calm, '--max-payload', `${limit}`);

  /** After a 413 the session may be gone or usable, but never holds the refused message. */
  async function assertNotDelivered(session) {
    const answer = await session.post('4small');
    if (answer.status !== 200) {
      assertRefusal(answer, ...errors.sessionUnknown);
      return;
    }
    assert.equal(await session.next(), '4small');
  }

  it('takes a POST of exactly the limit', async () => {
    const session = await PollingSession.open(server.port);
    const packet = `4${'x'.repeat(limit - 1)}`;

    await session.send(packet);

    assert.equal(await session.next(), packet);
  });

  it('refuses a POST one byte over it with 413', async () => {
    const session = await PollingSession.open(server.port);

    const answer = await session.post(`4${'x'.repeat(limit)}`);

    assert.equal(answer.status, 413);
    assert.equal(answer.text, '');
    await assertNotDelivered(session);
  });

  it('counts bytes, not characters', async () => {
    const session = await PollingSession.open(server.port);

    const answer = await session.post(`4${'\u20ac'.repeat(limit / 2)}`);

    assert.equal(answer.status, 413);
    await assertNotDelivered(session);
  });

  it('refuses a chunked POST when it grows over the limit', async () => {
    const session = await PollingSession.open(server.port);
    const connection = await RawConnection.open(server.port);
    await connection.send(
        `POST ${session.url} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const chunk = `400\r\n${'4'.repeat(0x400)}\r\n`;
    for (let i = 0; i < 12; ++i) await connection.send(chunk);

    assert.equal((await connection.response()).status, 413);
    connection.destroy();
    await assertNotDelivered(session);
  });

  it('takes a WebSocket message of exactly the limit, and several', async () => {
    const session = await openWebSocketSession(server.port);
    const packet = `4${'x'.repeat(limit - 1)}`;

    session.send(packet);
    session.send(Buffer.alloc(limit, 7));
    session.send(packet);

    assert.equal(await session.next(), packet);
    assert.deepEqual(await session.next(), Buffer.alloc(limit, 7));
    assert.equal(await session.next(), packet);
    await session.close();
  });

  it('closes a WebSocket with 1009 on a text one byte over it', async () => {
    const session = await openWebSocketSession(server.port);
    session.ws.send(`4${'x'.repeat(limit)}`, () => {});
    assert.equal(await session.closed(), 1009);
  });

  it('closes a WebSocket with 1009 on binary one byte over it', async () => {
    const session = await openWebSocketSession(server.port);
    session.ws.send(Buffer.alloc(limit + 1), () => {});
    assert.equal(await session.closed(), 1009);
  });

  it('closes a WebSocket with 1009 when fragments together are over it', async () => {
    const session = await openWebSocketSession(server.port);
    session.ws.send('4', {fin: false}, () => {});
    for (let i = 0; i < 11; ++i) session.ws.send('x'.repeat(1000), {fin: false}, () => {});
    assert.equal(await session.closed(), 1009);
  });

  it('closes a probe with 1009 and leaves the session', async () => {
    const session = await PollingSession.open(server.port);
    const probe = await session.openProbe();
    probe.ws.send('2'.repeat(limit + 1), () => {});
    await probe.closed();

    await session.send('4lives on');
    assert.equal(await session.next(), '4lives on');
  });
});
