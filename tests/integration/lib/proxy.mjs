// A line to the server that a test can break.

import net from 'node:net';

export class Proxy {
  #server;
  #open = true;
  #sockets = new Set();
  port = 0;

  static async to(target) {
    const proxy = new Proxy();
    proxy.#server = net.createServer((near) => proxy.#join(near, target));
    await new Promise((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    proxy.port = proxy.#server.address().port;
    return proxy;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  #join(near, target) {
    if (!this.#open) return near.destroy();
    const far = net.connect({host: '127.0.0.1', port: target, noDelay: true});
    near.setNoDelay(true);
    for (const [one, other] of [[near, far], [far, near]]) {
      this.#sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        other.destroy();
        this.#sockets.delete(one);
      });
    }
    return undefined;
  }

  /** Breaks every connection; nobody comes through until mend(). */
  cut() {
    this.#open = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#open = true;
  }

  async close() {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
