// Thousands of clients in a program of their own (tests/exact), which keeps books of what each gets.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import {after} from 'node:test';

import {program as gateway} from './gateway.mjs';
import {eventually, within} from './wait.mjs';

const program = process.env.TRACKWIRE_EXACT_CLIENTS ??
  join(dirname(gateway), 'tests', 'exact-clients');

const children = new Set();
after(() => children.forEach((child) => child.kill('SIGKILL')));

const camelToFlag = (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export class ExactClients {
  #child;
  #reached = new Set();
  #reports = [];
  #log = '';
  #heard = 0;
  clients = 0;
  progress = {joined: 0, deliveries: 0, entries: 0};

  /** Options are the flags of the program: ports, clients, contents, trackers, windowMs, … */
  static async start(options) {
    const swarm = new ExactClients();
    swarm.clients = options.clients;
    const args = Object.entries(options).flatMap(([name, value]) => [camelToFlag(name), `${value}`]);
    const child = spawn(program, args);
    swarm.#child = child;
    children.add(child);
    child.once('exit', () => children.delete(child));
    child.stdin.on('error', () => {});
    child.stderr.on('data', (chunk) => (swarm.#log += chunk));
    createInterface({input: child.stdout}).on('line', (line) => swarm.#hear(JSON.parse(line)));
    await swarm.joined();
    return swarm;
  }

  #hear({progress, reached, report}) {
    if (progress) {
      this.progress = progress;
      ++this.#heard;
    }
    if (reached !== undefined) this.#reached.add(reached);
    if (report) this.#reports.push(report);
  }

  #tell(command) {
    if (this.#child.exitCode !== null) throw new Error(`exact-clients ended: ${this.#log}`);
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  /** Waits until all (or `count`) are connected. */
  async joined(count = this.clients) {
    await eventually(async () => (await this.#freshProgress()).joined >= count,
      `${count} clients to be connected`, 60_000);
  }

  async #freshProgress() {
    const before = this.#heard;
    this.#tell({do: 'progress'});
    await eventually(() => this.#heard > before, 'the clients to say how they do');
    return this.progress;
  }

  /** Breaks connections from the side of the clients; they stay away for at least `pauseMs`. */
  cut(first, count, pauseMs) {
    this.#tell({do: 'cut', first, count, pause_ms: pauseMs});
  }

  usePorts(ports) {
    this.#tell({do: 'ports', ports});
  }

  /** Whether every client is connected and has got that content, before the limit. */
  async reach(content, limit = 90_000) {
    this.#tell({do: 'await', content});
    const {resolve, promise} = deferred();
    const poll = setInterval(() => this.#reached.has(content) && resolve(true), 20);
    const expiry = setTimeout(() => resolve(false), limit);
    const reached = await promise;
    clearInterval(poll);
    clearTimeout(expiry);
    return reached;
  }

  async report(expect) {
    const before = this.#reports.length;
    this.#tell({do: 'report', expect});
    await eventually(() => this.#reports.length > before, 'the report of the clients', 60_000);
    return this.#reports.at(-1);
  }

  async stop() {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#tell({do: 'stop'});
    await within(gone, 'the clients to end');
  }
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return {promise, resolve};
}

/** Whether all is right but the order of what was said about trackers that `mayReorder` names. */
function exactButForOrder({faults, faulty, unpublished, lost, uncovered}, mayReorder) {
  const {unordered, ...others} = faults;
  return [unpublished, lost, uncovered, ...Object.values(others)].every((count) => count === 0) &&
    faulty.every(({first}) => mayReorder(Number(/ of tracker (\d+) /.exec(first)[1])));
}

/**
 * Waits for the last contents, asks for the report, and fails unless every client got each once, in
 * order too but for trackers of which the book says that they were heard while nobody could store it.
 */
export async function expectExact(clients, book, lasts) {
  let arrived = true;
  for (const content of lasts) arrived = arrived && await clients.reach(content);
  const report = await clients.report(book.expectations());
  const words = JSON.stringify(report, null, 1);
  assert.ok(arrived, `the last notifications did not reach every client: ${words}`);
  assert.ok(report.exact || (book.mayReorder && exactButForOrder(report, book.mayReorder)),
    `not exact: ${words}`);
  assert.equal(report.joined, clients.clients, words);
  return report;
}
