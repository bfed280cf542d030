// Clients behind something that lets HTTP through and WebSocket not.

import assert from 'node:assert/strict';
import net from 'node:net';
import {after, before, describe, it} from 'node:test';
import {ask, connected, newClient, once} from '../lib/clients.mjs';
import {useServer} from '../lib/server.mjs';

/** A proxy that refuses to upgrade, as some in companies do. */
async function startBlockingProxy(port, refuse) {
  const sockets = new Set();
  const proxy = net.createServer((client) => {
    const server = net.connect({host: '127.0.0.1', port, noDelay: true});
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {});
    }
    client.on('data', (chunk) => {
      if (/^upgrade: *websocket/im.test(chunk.toString('latin1'))) refuse(client);
      else if (!server.destroyed) server.write(chunk);
    });
    server.on('data', (chunk) => client.destroyed || client.write(chunk));
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    port: proxy.address().port,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => proxy.close(resolve));
    },
  };
}

const refusals = {
  'answers 403': (client) => client.end(
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
  'drops the connection': (client) => client.destroy(),
};

for (const [name, refuse] of Object.entries(refusals)) {
  describe(`A proxy that ${name} to a WebSocket`, () => {
    const server = useServer('--ping-interval-ms', '200', '--ping-timeout-ms', '5000');
    let proxy;
    before(async () => {
      proxy = await startBlockingProxy(server.port, refuse);
    });
    after(() => proxy.close());

    it('leaves a client that tries all transports on long-polling', async () => {
      const socket = newClient(
          proxy.port, {transports: ['websocket', 'polling'], tryAllTransports: true});
      await connected(socket);

      assert.equal(socket.io.engine.transport.name, 'polling');
      assert.deepEqual(await ask(socket, 'message-with-ack', 'x'), ['x']);
      socket.disconnect();
    });

    it('leaves a client that wants to upgrade on long-polling', async () => {
      const socket = newClient(proxy.port, {transports: ['polling', 'websocket']});
      const failed = new Promise((resolve) => socket.io.once('open', () => {
        socket.io.engine.once('upgradeError', resolve);
      }));
      await connected(socket);
      await failed;

      assert.equal(socket.io.engine.transport.name, 'polling');
      assert.deepEqual(await ask(socket, 'message-with-ack', 'x'), ['x']);
      socket.disconnect();
    });

    it('keeps out a client that insists', async () => {
      const socket = newClient(proxy.port, {transports: ['websocket'], reconnection: false});
      const [error] = await once(socket, 'connect_error');
      assert.ok(error);
      socket.disconnect();
    });
  });
}
