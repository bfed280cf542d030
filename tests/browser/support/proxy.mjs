import net from 'node:net';

/**
 * A TCP proxy before the gateway, so that a connection can break while both ends live on.
 * With `blockWebSocket` it ends every connection that asks for an upgrade, as some networks do.
 */
export async function startProxy(targetPort, { blockWebSocket = false } = {}) {
  const sockets = new Set();
  let port = targetPort;
  let isCut = false;
  const server = net.createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = net.connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    }
    client.on('data', (chunk) => {
      if (blockWebSocket && /^upgrade: websocket/im.test(chunk.toString('latin1')))
        client.destroy();
      else upstream.write(chunk);
    });
    upstream.pipe(client);
    client.on('close', () => upstream.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Breaks all connections and refuses new ones. */
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    /** Accepts again, before another gateway if one is given. */
    restore(newPort = port) {
      port = newPort;
      isCut = false;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
