// `trackwire fetch` as a process of its own.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {rm} from 'node:fs/promises';
import {after} from 'node:test';

import {program, temporaryDirectory} from './gateway.mjs';

const children = new Set();
after(() => children.forEach((child) => child.kill('SIGKILL')));

export class FetcherProcess {
  #child;
  #args;
  directory;
  log = '';

  static async start(redis, settings = {}, more = []) {
    const fetcher = new FetcherProcess();
    fetcher.directory = await temporaryDirectory();
    const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    fetcher.#args = ['fetch', '--redis', redis, ...more, ...set];
    fetcher.restart();
    return fetcher;
  }

  restart() {
    const child = spawn(program, this.#args, {cwd: this.directory});
    this.#child = child;
    children.add(child);
    child.once('exit', () => children.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => (this.log += chunk));
    }
  }

  get alive() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(name) {
    this.#child.kill(name);
  }

  async kill() {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  async stop() {
    if (this.alive) await this.kill();
    await rm(this.directory, {recursive: true, force: true});
  }
}
