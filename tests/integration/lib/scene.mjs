// Gateways on one Redis, publishers by every way, and clients that count: what the tests of exact
// delivery have in common.

import assert from 'node:assert/strict';

import {Book} from './book.mjs';
import {ExactClients, expectExact} from './exact.mjs';
import {Fleet} from './fleet.mjs';
import {ChannelWay, Gate, HttpWay, InboxWay, lastWords, Mix, Publisher} from './publishers.mjs';
import {eventually} from './wait.mjs';

const trackersEach = 11;

export class Scene {
  publishers = [];

  /**
   * `redis`: {url, connect, prefix}; `connect` opens a connection to a server that has the log.
   * `ways` names one publisher each; `gatewayUrl` may give each gateway a link of its own.
   */
  static async open({redis, gatewayUrl = redis.url, gateways = 3, clients, notifications,
    ways = ['channel', 'channel', 'inbox', 'http'], rate, more = [], clientOptions = {}}) {
    const scene = new Scene();
    scene.redis = redis;
    scene.fleet = await Fleet.start(gateways, gatewayUrl, more);
    scene.lastTracker = ways.length * trackersEach;
    const trackers = scene.lastTracker + 1;
    scene.book = new Book({contents: notifications + 1000, trackers});
    scene.clients = await ExactClients.start({ports: scene.fleet.ports, clients,
      contents: scene.book.contents, trackers, ...clientOptions});
    scene.gate = new Gate(scene.book, scene.clients);
    scene.ways = ways.map((name) => scene.#way(name));
    scene.plan = {ways, each: Math.ceil(notifications / ways.length), rate: rate / ways.length};
    return scene;
  }

  #way(name) {
    if (name === 'http') return new HttpWay(this.fleet, this.book);
    if (name === 'inbox') return new InboxWay(this.redis.connect, this.book, this.redis.prefix);
    const way = new ChannelWay(this.redis.connect, this.book, this.redis.prefix);
    way.countsAll = this.redis.countsAll ?? true;
    return way;
  }

  /** Every publisher says a share of the notifications: half of what was planned with 0.5. */
  publish(share = 1) {
    const {ways, each, rate} = this.plan;
    const count = Math.floor(each * share);
    const round = this.publishers.length;
    const started = ways.map((name, i) => new Publisher({
      way: this.ways[i],
      mix: this.#mix(name, i, round),
      gate: this.gate,
      count,
      rate: rate || Infinity,
    }));
    this.publishers.push(...started);
    return Promise.all(started.map((publisher) => publisher.done));
  }

  #mix(name, i, round) {
    const mine = Array.from({length: trackersEach}, (_, tracker) => i * trackersEach + tracker);
    return new Mix(this.book, `${name} ${i} ${round}`, mine);
  }

  /** The way by which a tracker's publisher speaks. */
  wayOf(tracker) {
    return this.plan.ways[Math.floor(tracker / trackersEach)];
  }

  async published(count) {
    await eventually(() => this.book.published >= count, `${count} notifications`, 120_000);
  }

  /** Waits until all that was certainly accepted has been seen by some client. */
  async settled() {
    const arrived = await eventually(() => this.clients.progress.entries >= this.book.least,
      'what was accepted', 60_000).catch(() => false);
    return arrived;
  }

  /** Fails unless every client got everything once; ends the clients and the gateways. */
  async close() {
    await Promise.all(this.publishers.map((publisher) => publisher.done));
    await this.settled();
    const report = await this.expectExact();
    assert.equal(await this.#logged(), report.entries, 'the log holds what the clients saw');
    await this.end();
    return report;
  }

  /** Notifications in the log; the first entry only names its epoch. */
  async #logged() {
    const resp = await this.redis.connect();
    const log = `${this.redis.prefix ?? ''}socket:notification:log`;
    let count = 0;
    for (let after = '-'; ;) {
      const entries = await resp.call('XRANGE', log, after, '+', 'COUNT', 500);
      if (entries.length === 0) break;
      count += entries.filter(([, fields]) => fields[0] !== 'epoch').length;
      after = `(${entries.at(-1)[0]}`;
    }
    resp.close();
    return count;
  }

  async expectExact() {
    const lasts = await lastWords(this.fleet, this.book, this.lastTracker);
    return expectExact(this.clients, this.book, lasts);
  }

  async end() {
    this.ways.forEach((way) => way.close?.());
    await this.clients.stop();
    await this.fleet.stop();
  }
}

/** What a Scene needs to know of a single server. */
export function standalone(server) {
  return {url: server.url, connect: () => server.connect()};
}

/** What a gateway says of its broker when something is wrong with it. */
async function trouble(gateway) {
  const {degraded: reasons} = (await gateway.get('/readyz')).body;
  return reasons.find((reason) => reason.startsWith('broker'));
}

/** Waits until a gateway says that something is wrong with its broker. */
export async function degraded(gateway) {
  await eventually(() => trouble(gateway), 'a gateway to say that it is degraded', 60_000);
}

/** Waits until a gateway says that nothing is wrong with its broker. */
export async function well(gateway) {
  await eventually(async () => !await trouble(gateway), 'a gateway to be well', 60_000);
}
