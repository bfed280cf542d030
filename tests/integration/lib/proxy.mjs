// A line to the server that a test can break.

import net from 'node:net';

export class Proxy {
  #server;
  #open = true;
  #mute = false;
  #sockets = new Set();
  #target = 0;
  port = 0;

  static async to(target) {
    const proxy = new Proxy();
    proxy.#target = target;
    proxy.#server = net.createServer((near) => proxy.#join(near));
    await new Promise((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    proxy.port = proxy.#server.address().port;
    return proxy;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Leads those who come from now on to another port. */
  leadTo(target) {
    this.#target = target;
  }

  #join(near) {
    if (!this.#open) return near.destroy();
    const far = net.connect({host: '127.0.0.1', port: this.#target, noDelay: true});
    near.setNoDelay(true);
    if (this.#mute) [near, far].forEach((socket) => socket.pause());
    for (const [one, other] of [[near, far], [far, near]]) {
      this.#sockets.add(one);
      one.on('data', (chunk) => {
        if (!other.write(chunk)) one.pause();
      });
      one.on('drain', () => {
        if (!this.#mute) other.resume();
      });
      one.on('end', () => other.end());
      one.on('error', () => other.destroy());
      one.on('close', () => {
        // What the other side has still to be sent goes out first.
        if (!other.destroyed) other.end();
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

  /** Keeps every connection and lets nothing through: neither side hears of it until mend(). */
  mute() {
    this.#mute = true;
    for (const socket of this.#sockets) socket.pause();
  }

  mend() {
    this.#open = true;
    this.#mute = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close() {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
