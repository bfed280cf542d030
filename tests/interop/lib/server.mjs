// Starts and stops the server under test: one process a test group, on a port of its own.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {after, before} from 'node:test';

// How long a server may take to end before it is made to.
const patienceMs = 5_000;
const here = dirname(dirname(fileURLToPath(import.meta.url)));

/** True while the tests are being checked against npm's server instead of judging ours. */
export const isReference = process.env.INTEROP_SERVER === 'reference';

/** How many shards the server under test runs on. */
export const threads = process.env.INTEROP_THREADS ?? '1';

/** Heartbeats so slow that no test meets one by accident. */
export const calm = ['--ping-interval-ms', '60000', '--ping-timeout-ms', '60000'];

const sanitizerReport = /ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:/;

function exampleProgram(name) {
  const build = process.env.TRACKWIRE_BUILD_DIR ?? join(here, '..', '..', 'build', 'release');
  const program = join(build, 'examples', name);
  assert.ok(existsSync(program), `${program} is not built`);
  return program;
}

function command() {
  if (isReference) return [process.execPath, join(here, 'reference.mjs')];
  return [exampleProgram('conformance')];
}

/** Starts one of the other programs in examples/. The caller stops it. */
export async function startExample(name, ...args) {
  return startProgram(exampleProgram(name), args);
}

/** Starts a server with `flags` and waits until it listens. The caller stops it. */
export async function startServer(...flags) {
  const [program, ...first] = command();
  const all = [...first, '--threads', threads, ...flags];
  if (!flags.includes('--port')) all.push('--port', '0');
  return startProgram(program, all);
}

/** Starts any server that prints where it listens, and waits for that. The caller stops it. */
export async function startProgram(program, args) {
  const child = spawn(program, args, {stdio: ['ignore', 'pipe', 'pipe']});
  running.add(child);
  child.once('close', () => running.delete(child));
  const server = new RunningServer(child);
  await server.listening();
  // A test that fails before it stops its server must still be able to end.
  for (const handle of [child, child.stdout, child.stderr]) handle.unref();
  return server;
}

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** One server for all tests of the enclosing suite; its `port` is there once they run. */
export function useServer(...flags) {
  const used = {server: undefined, get port() { return this.server.port; }};
  before(async () => {
    used.server = await startServer(...flags);
  });
  after(async () => {
    assert.ok(used.server.alive, `the server died: ${used.server.errors}`);
    await used.server.stop();
  });
  return used;
}

class RunningServer {
  #child;
  #exit;
  #output = '';
  errors = '';
  port = 0;

  constructor(child) {
    this.#child = child;
    this.#exit = new Promise((resolve) => child.once('close', resolve));
    child.stderr.on('data', (text) => {
      this.errors = (this.errors + text).slice(-20000);
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** How many files and sockets it has open. */
  get openFiles() {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  get alive() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async listening() {
    const ready = new Promise((resolve, reject) => {
      this.#child.stdout.on('data', (text) => {
        this.#output = (this.#output + text).slice(-20000);
        const match = /listening http:\/\/127\.0\.0\.1:(\d+)/.exec(this.#output);
        if (match) resolve(Number(match[1]));
      });
      this.#child.once('error', reject);
      this.#child.once('exit', (code) => reject(new Error(`exit ${code}: ${this.errors}`)));
    });
    this.port = await ready;
  }

  /** Ends the process as a crash would: no chance to say anything to anybody. */
  async kill() {
    this.#child.ref();
    this.#child.kill('SIGKILL');
    await this.#exit;
  }

  /** Asks the process to end, insists if it does not, and reads what sanitizers had to say. */
  async stop() {
    this.#child.ref();
    this.#child.kill('SIGTERM');
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    await this.#exit;
    clearTimeout(insist);
    assert.notEqual(this.#child.signalCode, 'SIGKILL', 'it ends when asked to');
    assert.ok(!this.#child.exitCode, `exit code ${this.#child.exitCode}: ${this.errors}`);
    assert.doesNotMatch(this.errors, sanitizerReport);
  }
}
