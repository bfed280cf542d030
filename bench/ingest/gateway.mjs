// A gateway on the server's processor, with a directory, a store and a broker of its own.
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {capture, startServer} from '../harness/processes.mjs';
import {ask} from './raw_http.mjs';

const PATIENCE_MS = 30_000;
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

/** Settings under which nothing but the machine is the limit. */
export const unlimited = [
  'rate_limits.api_user_per_second=0', 'rate_limits.api_address_per_second=0',
  'rate_limits.graphql_user_per_second=0', 'rate_limits.graphql_address_per_second=0',
  // Conflation drops positions of who reads slowly, which is not what is counted here.
  'limits.conflate_above_bytes=200000000', 'limits.max_backlog_bytes=200000000',
].flatMap((setting) => ['--set', setting]);

export class Gateway {
  #server;
  directory = mkdtempSync(join(tmpdir(), 'trackwire-bench-'));

  static async start(program, args) {
    const gateway = new Gateway();
    try {
      gateway.#server = await startServer(program,
        ['serve', '--listen', '127.0.0.1:0', '--threads', '1', ...args], {cwd: gateway.directory});
      gateway.token = (await capture(program, ['token', '--sub', 'bench', '--role', 'admin'],
        {cwd: gateway.directory})).trim();
      return gateway;
    } catch (error) {
      gateway.#clean();
      throw error;
    }
  }

  get port() {
    return Number(new URL(this.#server.url).port);
  }

  get pid() {
    return this.#server.pid;
  }

  /** Waits until there are so many trackers. */
  async trackers(connection, count) {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(50)) {
      const {trackers} = await ask(connection, 'GET', '/api/trackers', {token: this.token});
      if (trackers.length === count) return;
    }
    throw new Error(`there are no ${count} trackers`);
  }

  #clean() {
    rmSync(this.directory, {recursive: true, force: true});
  }

  stop() {
    return this.#server.stop().finally(() => this.#clean());
  }
}
