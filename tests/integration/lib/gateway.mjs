// The program under test as a process of its own, in a directory of its own.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after} from 'node:test';

import {publisher, secret} from './token.mjs';
import {eventually, within} from './wait.mjs';

export const program = process.env.TRACKWIRE_BIN;
if (!program) throw new Error('TRACKWIRE_BIN must name the program');

/** The environment of a child: ours without anything meant for the program. */
function cleanEnvironment(more) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('TRACKWIRE_'));
  return {...Object.fromEntries(kept), ...more};
}

export async function temporaryDirectory() {
  return mkdtemp(join(tmpdir(), 'trackwire-integration-'));
}

/** Runs the program to its end. */
export async function run(args, {cwd, env = {}, input} = {}) {
  const child = spawn(program, args, {cwd, env: cleanEnvironment(env)});
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const [code] = await within(once(child, 'close'), `the end of ${args.join(' ')}`);
  return {code, stdout, stderr};
}

/** Processes that live on when a test fails half-way; ended with the file. */
const children = new Set();
after(() => children.forEach((child) => child.kill('SIGKILL')));

export class Gateway {
  #child;
  #args;
  #env;
  #scheme = 'http';
  directory;
  port = 0;
  output = '';
  log = '';

  /** Starts a gateway on a free port and waits until it listens. */
  static async start(args = [], env = {}) {
    const gateway = new Gateway();
    gateway.directory = await temporaryDirectory();
    gateway.#args = args;
    gateway.#env = {TRACKWIRE_AUTH_JWT_SECRET: secret, ...env};
    await gateway.#spawn(0);
    return gateway;
  }

  async #spawn(port) {
    this.output = '';
    const args = ['serve', '--listen', `127.0.0.1:${port}`, ...this.#args];
    const child = spawn(program, args, {cwd: this.directory, env: cleanEnvironment(this.#env)});
    this.#child = child;
    children.add(child);
    child.once('exit', () => children.delete(child));
    child.stderr.on('data', (chunk) => (this.log += chunk));
    const listening = new Promise((resolve, reject) => {
      child.stdout.on('data', (chunk) => {
        this.output += chunk;
        const line = /^listening (https?):\/\/127\.0\.0\.1:(\d+)$/m.exec(this.output);
        if (!line) return;
        this.#scheme = line[1];
        resolve(Number(line[2]));
      });
      child.once('exit', (code) => reject(new Error(`ended with ${code}: ${this.log}`)));
    });
    this.port = await within(listening, 'the gateway to listen');
  }

  get url() {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  get pid() {
    return this.#child.pid;
  }

  /** Ends it without a warning, as a power cut of the process would. */
  async kill() {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** Starts it again with the same data on the same port. */
  async restart() {
    await this.#spawn(this.port);
  }

  /** Waits for a line of the log, which is written a moment after what it tells of. */
  async logged(pattern) {
    await eventually(() => pattern.test(this.log), `the log to say ${pattern}`);
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Waits for its end; the exit code. */
  async ended() {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const [code] = await within(once(this.#child, 'exit'), 'the gateway to end');
    return code;
  }

  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
    await rm(this.directory, {recursive: true, force: true});
  }

  async get(path, headers = {}) {
    const response = await fetch(this.url + path, {headers});
    const text = await response.text();
    const json = response.headers.get('content-type')?.startsWith('application/json');
    return {status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text};
  }

  /** Posts to /api/notifications: a value as JSON, or a text as it is. */
  async post(body, {as = publisher(), headers = {}} = {}) {
    const response = await fetch(`${this.url}/api/notifications`, {
      method: 'POST',
      headers: {'content-type': 'application/json', authorization: `Bearer ${as}`, ...headers},
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return {status: response.status, headers: response.headers, body: await response.json()};
  }

  /** Publishes events with one field `n` each; fails unless all are accepted. */
  async say(type, ...numbers) {
    const {status, body} = await this.post(
      numbers.map((n) => ({message_type: type, notification: {n}})));
    if (status !== 202 || body.results.some((result) => !result.offset)) {
      throw new Error(`not accepted: ${status} ${JSON.stringify(body)}`);
    }
    return body.results.map((result) => result.offset);
  }

  /** The samples of /metrics by name with labels. */
  async metrics() {
    const {body} = await this.get('/metrics');
    const lines = body.split('\n').filter((line) => line && !line.startsWith('#'));
    return Object.fromEntries(lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }));
  }
}
