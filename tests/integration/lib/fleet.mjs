// Several gateways on one broker.

import {Gateway} from './gateway.mjs';

/** How a gateway of these tests is started; `redis` is a URL, or nothing for the embedded broker. */
function argumentsFor(redis, more) {
  return [
    ...(redis ? ['--redis', redis] : []),
    ...(more.includes('--threads') ? [] : ['--threads', '1']),
    '--set', 'visibility.unknown_trackers=public',
    // Conflation may drop positions of who reads slowly, which is not what these tests are about.
    '--set', 'limits.conflate_above_bytes=200000000',
    '--set', 'limits.max_backlog_bytes=200000000',
    ...more,
  ];
}

export class Fleet {
  gateways = [];
  #alive = [];
  #turn = 0;

  /** `redis` may be a function of the gateway's number, for links of their own. */
  static async start(count, redis, more = []) {
    const fleet = new Fleet();
    for (let i = 0; i < count; ++i) await fleet.add(redis, more);
    return fleet;
  }

  async add(redis, more = []) {
    const url = typeof redis === 'function' ? redis(this.gateways.length) : redis;
    const gateway = await Gateway.start(argumentsFor(url, more));
    this.gateways.push(gateway);
    this.#alive.push(true);
    return gateway;
  }

  get ports() {
    return this.gateways.map((gateway) => gateway.port);
  }

  /** One that is alive, by turns. */
  any() {
    for (let tried = 0; tried < this.gateways.length; ++tried) {
      const i = this.#turn++ % this.gateways.length;
      if (this.#alive[i]) return this.gateways[i];
    }
    return this.gateways[0];
  }

  get alive() {
    return this.gateways.filter((_, i) => this.#alive[i]);
  }

  /** Says that nobody should be sent there. */
  leaveOut(i) {
    this.#alive[i] = false;
  }

  takeIn(i) {
    this.#alive[i] = true;
  }

  async kill(i) {
    this.leaveOut(i);
    await this.gateways[i].kill();
  }

  async restart(i) {
    await this.gateways[i].restart();
    this.takeIn(i);
  }

  async stop() {
    await Promise.all(this.gateways.map((gateway) => gateway.stop()));
  }
}
