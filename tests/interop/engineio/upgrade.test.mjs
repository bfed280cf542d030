import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {
  PollingSession, assertRefusal, enginePath, errors, separator, websocketQuery,
} from '../lib/engineio.mjs';
import {calm, useServer} from '../lib/server.mjs';
import {openSocket} from '../lib/websocket.mjs';

async function probed(session) {
  const probe = await session.openProbe();
  probe.send('2probe');
  assert.equal(await probe.next('the answer to the probe'), '3probe');
  return probe;
}

async function upgraded(session) {
  const probe = await probed(session);
  probe.send('5');
  return probe;
}

describe('Engine.IO upgrade', () => {
  const server = useServer('--engineio', ...calm);
  const open = () => PollingSession.open(server.port);

  it('moves a session from long-polling to WebSocket', async () => {
    const socket = await upgraded(await open());

    socket.send('4by socket');
    assert.equal(await socket.next(), '4by socket');
    socket.send(Buffer.from([1, 2]));
    assert.deepEqual(await socket.next(), Buffer.from([1, 2]));
    await socket.close();
  });

  it('lets a waiting poll go with a noop', async () => {
    const session = await open();
    const waiting = session.poll();
    const probe = await probed(session);

    assert.equal((await waiting).text, '6');
    probe.send('5');
    probe.send('4after');
    assert.equal(await probe.next(), '4after');
    await probe.close();
  });

  it('lets every further poll go while the client has not finished', async () => {
    const session = await open();
    const probe = await probed(session);

    for (let i = 0; i < 3; ++i) assert.equal((await session.poll()).text, '6');
    probe.send('5');
    probe.send('4after');
    assert.equal(await probe.next(), '4after');
    await probe.close();
  });

  it('answers long-polling after the upgrade as a bad request', async () => {
    const session = await open();
    const socket = await upgraded(session);
    socket.send('4settled');
    assert.equal(await socket.next(), '4settled');

    assertRefusal(await session.poll(), ...errors.badRequest);
    assertRefusal(await session.post('4x'), ...errors.badRequest);

    socket.send('4unharmed');
    assert.equal(await socket.next(), '4unharmed');
    await socket.close();
  });

  it('sends what waited on the new transport', async () => {
    const session = await open();
    await session.send('4one', '4two');
    const socket = await upgraded(session);

    assert.equal(await socket.next(), '4one');
    assert.equal(await socket.next(), '4two');
    await socket.close();
  });

  for (const packet of ['2', '2wrong', '4early', '1', '3probe', '7', '']) {
    it(`ends only the probe on the wrong packet "${packet}"`, async () => {
      const session = await open();
      const probe = await session.openProbe();

      probe.send(packet);

      await probe.closed();
      await session.send('4lives on');
      assert.equal(await session.next(), '4lives on');
    });
  }

  it('ends only the probe on a wrong packet after the right one', async () => {
    const session = await open();
    const probe = await probed(session);

    probe.send('4too early');

    await probe.closed();
    await session.send('4lives on');
    assert.equal((await session.next()).replace('6', '4lives on'), '4lives on');
  });

  it('lives on when the probe is cut', async () => {
    const session = await open();
    const probe = await probed(session);

    probe.terminate();

    await session.send('4lives on');
    let packet = await session.next();
    while (packet === '6') packet = await session.next();
    assert.equal(packet, '4lives on');
  });

  it('upgrades at the second try', async () => {
    const session = await open();
    const first = await session.openProbe();
    first.send('2wrong');
    await first.closed();

    const socket = await upgraded(session);
    socket.send('4finally');
    assert.equal(await socket.next(), '4finally');
    await socket.close();
  });

  it('closes a second WebSocket while one is upgrading', async () => {
    const session = await open();
    const first = await probed(session);

    const second = await session.openProbe();
    await second.closed();

    first.send('5');
    first.send('4mine');
    assert.equal(await first.next(), '4mine');
    await first.close();
  });

  it('closes a second WebSocket after the upgrade', async () => {
    const session = await open();
    const first = await upgraded(session);
    first.send('4settled');
    assert.equal(await first.next(), '4settled');

    const second = await session.openProbe();
    await second.closed();

    first.send('4mine');
    assert.equal(await first.next(), '4mine');
    await first.close();
  });

  it('ends the session when the upgraded WebSocket ends', async () => {
    const session = await open();
    const socket = await upgraded(session);
    socket.send('4settled');
    assert.equal(await socket.next(), '4settled');

    await socket.close();

    assertRefusal(await session.poll(), ...errors.sessionUnknown);
  });

  it('ends the probe when the session ends', async () => {
    const session = await open();
    const probe = await probed(session);

    await session.post('1');

    await probe.closed();
  });

  it('refuses a WebSocket for a session nobody has', async () => {
    await assert.rejects(
        openSocket(server.port, `${enginePath}?${websocketQuery}&sid=nobody`), /400/);
  });

  // The client may send while it upgrades, and messages may wait in the server at any stage:
  // whatever the interleaving, each comes back once and in order.
  for (let round = 0; round < 24; ++round) {
    it(`loses and doubles nothing, interleaving ${round}`, async () => {
      const session = await open();
      const received = [];
      let sent = 0;
      const post = async (count) => {
        if (count === 0) return;
        await session.send(...Array.from({length: count}, () => `4${sent++}`));
      };
      const polling = pollInto(session, received);
      await post(round % 4);
      const probe = await session.openProbe();
      await post((round >> 1) % 3);
      probe.send('2probe');
      await post(round % 3);
      assert.equal(await probe.next(), '3probe');
      await post((round >> 2) % 4);
      if (round % 2 === 0) await polling.pause();
      probe.send('5');
      for (let i = 0; i < 5; ++i) probe.send(`4${sent++}`);
      await polling.pause();
      while (received.length < sent) received.push(await probe.next());

      assert.deepEqual(received, Array.from({length: sent}, (_, i) => `4${i}`));
      assert.equal(probe.inbox.size, 0);
      await probe.close();
    });
  }
});

/**
 * Polls into `received` until told to pause. A noop is no message, nor is the close packet with
 * which npm's server dismisses a poll that still waits when the upgrade is done.
 */
function pollInto(session, received) {
  let paused = false;
  const done = (async () => {
    while (!paused) {
      const answer = await session.poll();
      if (answer.status !== 200) return;
      received.push(...answer.text.split(separator).filter((packet) => packet[0] === '4'));
    }
  })();
  return {
    pause() {
      paused = true;
      return done;
    },
  };
}

describe('Engine.IO upgrade that takes too long', () => {
  const server = useServer('--engineio', ...calm, '--upgrade-timeout-ms', '100');

  it('ends the WebSocket and leaves the session on long-polling', async () => {
    const session = await PollingSession.open(server.port);
    const silent = await session.openProbe();
    await silent.closed();

    const probe = await probed(session);
    await probe.closed();

    await session.send('4lives on');
    assert.equal(await session.next(), '4lives on');
  });
});
