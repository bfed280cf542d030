// A TCP proxy on a bad network: it cuts, delays, swallows and refuses connections, by the dice.

import net from 'node:net';

/** Dice that fall alike for the same seed (mulberry32): numbers from 0 up to 1. */
export function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const tickMs = 20;
const stormEvery = 100;

/** Both sides of one connection. */
class Link {
  // Bytes that may still reach the client before the link breaks in their midst.
  #budget = Infinity;
  #swallowing = false;

  constructor(client, server, done) {
    this.client = client;
    this.server = server;
    client.on('data', (chunk) => this.#swallowing || server.destroyed || server.write(chunk));
    server.on('data', (chunk) => this.#toClient(chunk));
    for (const [from, to] of [[client, server], [server, client]]) {
      from.on('error', () => {});
      from.on('end', () => this.#swallowing || to.end());
      from.on('close', () => {
        clearTimeout(this.timer);
        // Whoever is at the other end of a black hole has to find out by itself.
        if (!this.#swallowing) to.destroy();
        if (client.destroyed && server.destroyed) done(this);
      });
    }
  }

  #toClient(chunk) {
    if (this.#swallowing || this.client.destroyed) return;
    if (chunk.length < this.#budget) {
      this.#budget -= chunk.length;
      this.client.write(chunk);
      return;
    }
    this.client.write(chunk.subarray(0, this.#budget), () => this.cut());
    this.#swallowing = true;
  }

  cut() {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }

  cutWithin(bytes) {
    this.#budget = bytes;
  }

  swallow() {
    this.#swallowing = true;
  }

  delay(ms) {
    for (const socket of [this.client, this.server]) socket.pause();
    this.timer = setTimeout(() => {
      for (const socket of [this.client, this.server]) socket.resume();
    }, ms);
  }

  get swallowing() {
    return this.#swallowing;
  }
}

export class FaultyProxy {
  #links = new Set();
  #waiting = new Set();
  #refusing = false;
  #roll;
  #timer;
  #ticks = 0;
  port = 0;
  /** How often each fault was done. */
  counts = {cut: 0, torn: 0, swallowed: 0, delayed: 0, refused: 0, late: 0, storms: 0};

  static async to(target, seed) {
    const proxy = new FaultyProxy();
    proxy.#roll = dice(seed);
    proxy.server = net.createServer((client) => proxy.#accept(client, target));
    await new Promise((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    proxy.port = proxy.server.address().port;
    return proxy;
  }

  #accept(client, target) {
    client.on('error', () => {});
    if (this.#refusing) {
      ++this.counts.refused;
      client.destroy();
      return;
    }
    const join = () => {
      this.#waiting.delete(client);
      if (client.destroyed) return;
      const server = net.connect({host: '127.0.0.1', port: target, noDelay: true});
      this.#links.add(new Link(client, server, (link) => this.#links.delete(link)));
    };
    // One that is held back may arrive after others that came later, of the same client too.
    if (this.#timer && this.#roll() < 0.1) {
      ++this.counts.late;
      this.#waiting.add(client);
      setTimeout(join, 150 * this.#roll());
    } else {
      join();
    }
  }

  /** Throws the dice from now on, until `calm()`. */
  rage() {
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  #tick() {
    if (++this.#ticks % stormEvery === 0) return this.#storm();
    const links = [...this.#links];
    if (links.length === 0) return;
    const link = links[Math.floor(this.#roll() * links.length)];
    if (link.swallowing) return;
    const fate = this.#roll();
    if (fate < 0.3) {
      ++this.counts.cut;
      link.cut();
    } else if (fate < 0.55) {
      ++this.counts.torn;
      link.cutWithin(1 + Math.floor(this.#roll() * 400));
    } else if (fate < 0.65) {
      ++this.counts.swallowed;
      link.swallow();
    } else {
      ++this.counts.delayed;
      link.delay(400 * this.#roll());
    }
  }

  /** Whether every kind of fault was done. */
  get triedAll() {
    return Object.values(this.counts).every((count) => count > 0);
  }

  /** Many at once, and nobody gets in for a while. */
  #storm() {
    ++this.counts.storms;
    this.#refusing = true;
    setTimeout(() => { this.#refusing = false; }, 200);
    for (const link of [...this.#links]) if (this.#roll() < 0.4) link.cut();
  }

  /** From now on a good network; what was swallowed is cut, so that nobody waits for it. */
  calm() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const link of [...this.#links]) if (link.swallowing) link.cut();
  }

  close() {
    this.calm();
    this.#refusing = true;
    for (const client of this.#waiting) client.destroy();
    for (const link of [...this.#links]) link.cut();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
