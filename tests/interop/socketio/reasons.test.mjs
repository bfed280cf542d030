// What the server is told when a socket is gone, in the official words. A server of its own for
// each, so that the list holds exactly one.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {calm, startServer} from '../lib/server.mjs';
import {connect, connectPolling} from '../lib/socketio.mjs';
import {RawConnection} from '../lib/http.mjs';
import {eventually} from '../lib/wait.mjs';

const large = 'x'.repeat(2000);

const endings = {
  'transport close': {
    'a close frame': (client) => client.close(),
    'a cut connection': (client) => client.engine.terminate(),
    // As clients do it: npm's server leaves the connection to them.
    'an Engine.IO close packet': async (client) => {
      await client.sendRaw('1');
      await client.close();
    },
  },
  'transport error': {
    'a message over the limit': (client) => client.engine.ws.send(`42["m","${large}"]`, () => {}),
    'text that is not UTF-8': (client) => client.engine.ws._socket.write(
        Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0xff])),
    'a ping from the wrong side': (client) => client.sendRaw('2'),
  },
  'parse error': {
    'an unknown Engine.IO packet': (client) => client.sendRaw('7'),
    'an empty frame': (client) => client.sendRaw(''),
  },
  'forced close': {
    'CONNECT twice': (client) => client.send('0'),
    'an event without name': (client) => client.send('2[]'),
    'an unknown packet': (client) => client.send('7'),
    'attachments out of the blue': (client) => client.send(Buffer.from([1])),
    'a namespace not joined': (client) => client.send('2/custom,["x"]'),
  },
  'client namespace disconnect': {
    'DISCONNECT by the client': (client) => client.send('1'),
  },
  'server namespace disconnect': {
    'a kick': (client) => client.emit('kick'),
  },
};

async function reasonsAt(server) {
  const observer = await connect(server.port);
  const reasons = await eventually(async () => {
    const [list] = await observer.ask(1, 'last-reasons');
    return list.length > 0 && list;
  }, 'a reason');
  await observer.close();
  return reasons;
}

describe('Socket.IO disconnect reasons', () => {
  for (const [reason, ways] of Object.entries(endings)) {
    for (const [way, end] of Object.entries(ways)) {
      it(`${way} is a "${reason}"`, async () => {
        const server = await startServer(...calm, '--max-payload', '1000');
        const client = await connect(server.port);

        await end(client);

        assert.deepEqual(await reasonsAt(server), [reason]);
        client.engine.terminate();
        await server.stop();
      });
    }
  }

  it('silence is a "ping timeout"', async () => {
    const server = await startServer('--ping-interval-ms', '100', '--ping-timeout-ms', '1000');
    const client = await connect(server.port);
    assert.equal(await client.engine.next(), '2');

    await client.closed();

    assert.deepEqual(await reasonsAt(server), ['ping timeout']);
    await server.stop();
  });

  it('a kick with the connection is named as one of the server\'s doings', async () => {
    const server = await startServer(...calm);
    const client = await connect(server.port);

    await client.emit('kick-close');
    await client.closed();

    const reasons = await reasonsAt(server);
    assert.equal(reasons.length, 1);
    assert.ok(['server namespace disconnect', 'forced server close'].includes(reasons[0]),
              reasons[0]);
    await server.stop();
  });

  it('giving up a waiting poll is a "transport error"', async () => {
    const server = await startServer(...calm);
    const client = await connectPolling(server.port);
    const poll = await RawConnection.open(server.port);
    await poll.send(`GET ${client.engine.url} HTTP/1.1\r\nHost: x\r\n\r\n`);

    poll.destroy();

    assert.deepEqual(await reasonsAt(server), ['transport error']);
    await server.stop();
  });

  it('a close packet by POST is a "transport close"', async () => {
    const server = await startServer(...calm);
    const client = await connectPolling(server.port);

    await client.sendRaw('1');

    assert.deepEqual(await reasonsAt(server), ['transport close']);
    await server.stop();
  });

  it('two polls at once are a "transport error"', async () => {
    const server = await startServer(...calm);
    const client = await connectPolling(server.port);

    await Promise.all([client.engine.poll(), client.engine.poll()]);

    assert.deepEqual(await reasonsAt(server), ['transport error']);
    await server.stop();
  });
});
