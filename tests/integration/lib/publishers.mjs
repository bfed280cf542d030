// Publishers by every way into the system. Each enters in the book what was accepted for certain and
// what may have been.

import {eventually} from './wait.mjs';

const channel = 'socket:notifications';
const inbox = 'socket:notification:inbox';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** POST /api/notifications to whichever gateway is alive. */
export class HttpWay {
  constructor(fleet, book) {
    this.fleet = fleet;
    this.book = book;
  }

  /** Items are {content, envelope, again}; `again`: its id has been published before. */
  async send(items) {
    for (let left = items; left.length > 0;) {
      left = await this.#post(left);
      if (left.length > 0) await pause(20);
    }
  }

  /** Those that have to be sent again: they have an id, so that they cannot be doubled. */
  async #post(items) {
    const answer = await this.fleet.any().post(items.map((item) => item.envelope))
      .catch(() => undefined);
    if (answer && answer.status === 202) {
      items.forEach((item, i) => {
        if (!answer.body.results[i].offset) throw new Error(JSON.stringify(answer.body.results[i]));
        if (!item.again) this.book.accepted(item.content);
      });
      return [];
    }
    if (answer && answer.status < 500) throw new Error(`refused: ${JSON.stringify(answer.body)}`);
    // Turned away at the door: nothing was handed on.
    if (answer?.body.error?.message.endsWith('try again')) return items;
    // No answer, or one that the broker did not give in time, leaves open whether it was stored.
    for (const item of items) {
      if (item.envelope.id === undefined && !item.again) this.book.unknown(item.content);
    }
    return items.filter((item) => item.envelope.id !== undefined);
  }
}

/** A command of Redis for each envelope. */
class RedisWay {
  #resp;

  /**
   * `connect` opens a connection; called again whenever one is lost. `prefix` stands before the
   * names, as on a cluster.
   */
  constructor(connect, book, prefix = '') {
    this.connect = connect;
    this.book = book;
    this.prefix = prefix;
  }

  async send(items) {
    for (let left = items; left.length > 0;) {
      left = await this.#sendOnce(left);
      if (left.length > 0) await pause(20);
    }
  }

  async #sendOnce(items) {
    if (!this.#resp || this.#resp.closed) {
      this.#resp = await this.#open().catch(() => undefined);
      if (!this.#resp) return items;
    }
    const replies = await Promise.allSettled(
      items.map((item) => this.#resp.call(...this.command(JSON.stringify(item.envelope)))));
    return items.filter((item, i) => !this.#enter(item, replies[i]));
  }

  /** A connection to a server that does not still load its data. */
  async #open() {
    const resp = await this.connect();
    await resp.call('PING').catch((error) => {
      resp.close();
      throw error;
    });
    return resp;
  }

  /** Whether the item is done with. */
  #enter(item, reply) {
    if (reply.status === 'fulfilled') {
      if (!this.isAccepted(reply.value)) return false;
      if (!item.again) this.enterAccepted(item);
      return true;
    }
    if (reply.reason.message !== 'Redis hung up') {
      // An error reply: it was not done (a replica, a script that runs, a node that moved).
      return false;
    }
    if (item.envelope.id !== undefined) return false;
    if (!item.again) this.book.unknown(item.content);
    return true;
  }

  enterAccepted(item) {
    this.book.accepted(item.content);
  }

  close() {
    this.#resp?.close();
  }
}

/** PUBLISH, as publishers that know nothing of Trackwire do it. */
export class ChannelWay extends RedisWay {
  /** On a cluster the reply counts only the listeners of one node. */
  countsAll = true;
  /** Nobody may have been listening in earnest: count what is published as uncertain. */
  uncertain = false;

  command(json) {
    return ['PUBLISH', this.prefix + channel, json];
  }

  /** How many heard it. */
  isAccepted(reply) {
    return reply > 0 || !this.countsAll;
  }

  enterAccepted(item) {
    if (this.uncertain) this.book.unknown(item.content);
    else this.book.accepted(item.content);
  }
}

/** XADD to the durable inbox. */
export class InboxWay extends RedisWay {
  command(json) {
    return ['XADD', this.prefix + inbox, '*', 'envelope', json];
  }

  isAccepted() {
    return true;
  }
}

/** Does not run ahead of the clients by more than `most` notifications. */
export class Gate {
  constructor(book, clients, most = 1500) {
    this.book = book;
    this.clients = clients;
    this.most = most;
  }

  async pass() {
    await eventually(() => {
      const {entries, deliveries} = this.clients.progress;
      const seen = Math.min(entries, deliveries / this.clients.clients);
      return this.book.published - this.book.uncertain - seen < this.most;
    }, 'the clients to keep up', 120_000);
  }
}

/** Makes what one publisher says: with and without ids, an id twice, equal contents. */
export class Mix {
  #n = 0;
  #twin;

  /** `trackers`: those that only this publisher speaks of; the first one has the equal contents. */
  constructor(book, name, trackers) {
    this.book = book;
    this.name = name;
    this.trackers = trackers;
  }

  /** The next items; those that follow each other must be sent in this order. */
  next() {
    const n = this.#n++;
    const [twins, ...others] = this.trackers;
    const tracker = others[n % others.length];
    const type = tracker % 2 ? 'tracker_location_updated' : 'tracker_status_change';
    switch (n % 10) {
      case 0: case 1: case 2:
        return [this.book.next(tracker, {type, id: `${this.name} ${n}`})];
      case 3: {
        const item = this.book.next(tracker, {type, id: `${this.name} ${n}`});
        return [item, {...item, again: true}];
      }
      case 4: case 6: case 8:
        // Three of a kind, with others between them.
        if (n % 10 === 4) this.#twin = this.book.twin(twins);
        return [this.#twin];
      default:
        return [this.book.next(tracker, {type})];
    }
  }
}

/** Publishes `count` items (or until stop()), in batches, at most `rate` a second when given. */
export class Publisher {
  #going = true;

  constructor({way, mix, gate, count = Infinity, batch = 20, rate = Infinity}) {
    Object.assign(this, {way, mix, gate, count, batch, rate});
    this.done = this.#run();
    // A failure is reported by whoever waits for `done`, perhaps later.
    this.done.catch(() => {});
  }

  async #run() {
    const began = Date.now();
    for (let sent = 0; this.#going && sent < this.count;) {
      await this.gate.pass();
      const items = [];
      while (items.length < this.batch && sent < this.count) {
        items.push(...this.mix.next());
        ++sent;
      }
      await this.way.send(items);
      const ahead = began + (sent / this.rate) * 1000 - Date.now();
      if (ahead > 0) await pause(ahead);
    }
  }

  async stop() {
    this.#going = false;
    await this.done;
  }
}

/** A last notification through each gateway that is alive; the contents. */
export async function lastWords(fleet, book, tracker) {
  const contents = [];
  for (const gateway of fleet.alive) {
    const {content, envelope} = book.next(tracker, {id: `last of ${gateway.port} ${Date.now()}`});
    const {status, body} = await gateway.post(envelope);
    if (status !== 202) throw new Error(`not accepted: ${status} ${JSON.stringify(body)}`);
    book.accepted(content);
    contents.push(content);
  }
  return contents;
}
