// A cluster of any mix of servers over one Redis, and clients of them.

import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {io} from 'socket.io-client';
import {startProgram} from '../lib/server.mjs';
import {within} from '../lib/wait.mjs';
import {startRedis} from './redis.mjs';

const here = dirname(fileURLToPath(import.meta.url));

function ours() {
  const build = process.env.TRACKWIRE_BUILD_DIR ?? join(here, '..', '..', '..', 'build', 'release');
  const program = join(build, 'examples', 'cluster');
  assert.ok(existsSync(program), `${program} is not built`);
  return [program];
}

const commands = {
  trackwire: ours,
  trackwire2: () => [...ours(), '--threads', '2'],
  node: () => [process.execPath, join(here, 'peer.mjs')],
};

/** Redis with a server of each kind of `kinds`, and the clients made with it. */
export class Cluster {
  #clients = [];

  static async start(kinds, ...flags) {
    const cluster = new Cluster();
    cluster.redis = await startRedis();
    cluster.flags = flags;
    cluster.servers = [];
    for (const [index, kind] of kinds.entries()) {
      cluster.servers.push(await cluster.startServer(kind, `s${index}`));
    }
    return cluster;
  }

  /** One more server; `start` has those of its own. */
  startServer(kind, name) {
    const [program, ...first] = commands[kind]();
    return startProgram(program, [...first, '--redis', this.redis.url, '--name', name,
      '--port', '0', ...this.flags]);
  }

  /** A client of the server with that index, once it is connected. */
  async client(server, nsp = '/', options = {}) {
    const socket = io(`http://127.0.0.1:${this.servers[server].port}${nsp}`,
        {transports: ['websocket'], forceNew: true, reconnection: false, ...options});
    const client = new Client(socket);
    this.#clients.push(client);
    await client.connected;
    return client;
  }

  /** As many clients as servers, one each. */
  clients(nsp = '/') {
    return Promise.all(this.servers.map((_, index) => this.client(index, nsp)));
  }

  /** Ends the clients made so far. */
  forget() {
    for (const client of this.#clients.splice(0)) client.socket.close();
  }

  async stop() {
    this.forget();
    for (const server of this.servers) await server.stop();
    await this.redis.stop();
  }
}

let fences = 0;

/** The number of one more `fence`, the event that ends what a test looks at. */
export function newFence() {
  return ++fences;
}

/** A client that notes every event and acknowledges what wants it. */
export class Client {
  #events = [];
  #waiting = [];

  constructor(socket) {
    this.socket = socket;
    // A fence may be on its way yet to a thread of a server that has had no client so far.
    const past = fences;
    this.connected = within(new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    }), 'a connection');
    this.gone = new Promise((resolve) => socket.once('disconnect', resolve));
    /** What it acknowledges with; a function may keep silent by returning nothing. */
    this.answer = (...args) => args;
    socket.onAny((event, ...args) => {
      // Who takes part in recovery gets an offset as well.
      if (socket._pid && /^\d+-\d+$/.test(args.at(-1))) this.offset = args.pop();
      if (event === 'fence' && args[0] <= past) return;
      if (typeof args.at(-1) === 'function') {
        const ack = args.pop();
        const answer = this.answer(...args);
        if (answer) ack(...answer);
      }
      const waiting = this.#waiting.shift();
      if (waiting) waiting([event, ...args]);
      else this.#events.push([event, ...args]);
    });
  }

  get id() {
    return this.socket.id;
  }

  /** Asks its server for something and waits until it says that it is done. */
  ask(event, ...args) {
    return within(this.socket.emitWithAck(event, ...args), `the answer to ${event}`);
  }

  next() {
    if (this.#events.length > 0) return Promise.resolve(this.#events.shift());
    return within(new Promise((resolve) => this.#waiting.push(resolve)), 'an event');
  }

  async expect(...event) {
    assert.deepEqual(await this.next(), event);
  }
}
