// A redis-server of the tests' own, on a unix socket, without anything on disk.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createClient} from 'redis';
import {eventually} from '../lib/wait.mjs';

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

class Redis {
  #child;
  #directory;
  #clients = [];

  constructor(child, directory) {
    this.#child = child;
    this.#directory = directory;
    this.path = join(directory, 'socket');
  }

  get url() {
    return `unix://${this.path}`;
  }

  /** A connected client, closed with the server. */
  async client() {
    const client = createClient({socket: {path: this.path}});
    client.on('error', () => {});
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  async stop() {
    for (const client of this.#clients) await client.disconnect().catch(() => {});
    const exit = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.ref();
    this.#child.kill('SIGKILL');
    await exit;
    rmSync(this.#directory, {recursive: true});
  }
}

/** Starts Redis; the caller stops it. */
export async function startRedis() {
  const directory = mkdtempSync(join(tmpdir(), 'trackwire-redis-'));
  const child = spawn('redis-server',
      ['--port', '0', '--unixsocket', join(directory, 'socket'), '--save', '', '--dir', directory,
        // On a busy machine a subscriber falls behind megabytes of garbage; it is not to be cut off.
        '--client-output-buffer-limit', 'pubsub', '0', '0', '0'],
      {stdio: 'ignore'});
  running.add(child);
  child.once('close', () => running.delete(child));
  child.unref();
  const redis = new Redis(child, directory);
  await eventually(async () => {
    assert.equal(child.exitCode, null, 'redis-server runs');
    const probe = createClient({socket: {path: redis.path, reconnectStrategy: false}});
    probe.on('error', () => {});
    return probe.connect().then(() => probe.disconnect(), () => false).then((r) => r !== false);
  }, 'redis-server');
  return redis;
}
