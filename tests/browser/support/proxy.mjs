import net from 'node:net';

/**
 * A TCP proxy before the gateway, so that a connection can break while both ends live on.
 * With `blockWebSocket` it ends every connection that asks for an upgrade, as some networks do.
 */
export async function startProxy(targetPort, { blockWebSocket = false } = {}) {
  const sockets = new Set();
  let port = targetPort;
  let isCut = false;
  let isHeld = false;
  const held = [];
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
      const head = chunk.toString('latin1');
      if (blockWebSocket && /^upgrade: websocket/im.test(head)) client.destroy();
      else if (isHeld && /^GET \/socket\.io\//.test(head)) held.push(() => upstream.write(chunk));
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
    /** Lets new Socket.IO connections wait for an answer until `release()`. */
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
      for (const pass of held.splice(0)) pass();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
