// A TCP proxy that can be cut, to break a connection without either end having asked for it.

import net from 'node:net';

export class Proxy {
  #server;
  #pairs = new Set();
  #asked = new Set();
  #refusing = false;
  port = 0;
  /** Where new connections go. */
  target = 0;

  static async to(port) {
    const proxy = new Proxy();
    proxy.target = port;
    proxy.#server = net.createServer((client) => proxy.#join(client, proxy.target));
    await new Promise((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    proxy.port = proxy.#server.address().port;
    return proxy;
  }

  #join(client, port) {
    if (this.#refusing) {
      client.destroy();
      return;
    }
    const server = net.connect({host: '127.0.0.1', port, noDelay: true});
    const pair = [client, server];
    this.#pairs.add(pair);
    client.on('data', () => this.#asked.add(pair));
    server.on('data', () => this.#asked.delete(pair));
    for (const [from, to] of [[client, server], [server, client]]) {
      from.on('data', (chunk) => to.destroyed || to.write(chunk));
      from.on('end', () => to.end());
      from.on('error', () => {});
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
        this.#asked.delete(pair);
      });
    }
  }

  /** True while some client has said something and the server has not answered yet. */
  get waiting() {
    return this.#asked.size > 0;
  }

  /** Breaks what is connected. Both ends see it at once. */
  cut() {
    for (const [client, server] of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Breaks what is connected and lets nobody in until `open()`. */
  cutAndRefuse() {
    this.#refusing = true;
    this.cut();
  }

  open() {
    this.#refusing = false;
  }

  close() {
    this.cutAndRefuse();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
