// Real Redis servers of a test's own: one, a cluster of three masters, a master with Sentinels.
// Each has a directory of its own; all are ended with the test file, also when it is killed.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {rm, writeFile} from 'node:fs/promises';
import net from 'node:net';
import {join} from 'node:path';
import {after} from 'node:test';

import {temporaryDirectory} from './gateway.mjs';
import {Resp} from './resp.mjs';
import {eventually, within} from './wait.mjs';

const children = new Set();
after(() => children.forEach((child) => child.kill('SIGKILL')));

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What makes a reply mean: it is on the disk. */
export const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];

export class RedisServer {
  #child;
  #args;
  directory;
  port = 0;
  output = '';

  static async start(args = [], {configuration, port} = {}) {
    const server = new RedisServer();
    server.directory = await temporaryDirectory();
    server.port = port ?? await freePort();
    server.#args = ['--port', server.port, '--bind', '127.0.0.1', '--dir', server.directory,
      '--save', '', '--unixsocket', server.path, ...args];
    if (configuration) {
      const file = join(server.directory, 'redis.conf');
      await writeFile(file, configuration);
      server.#args.unshift(file);
    }
    await server.restart();
    return server;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Its unix socket. */
  get path() {
    return join(this.directory, 'redis.sock');
  }

  get pid() {
    return this.#child.pid;
  }

  /** Starts it (again, with what it has on the disk) and waits until it serves. */
  async restart() {
    // It must not outlive a test that was killed itself.
    const command = ['--pdeathsig', 'KILL', 'redis-server', ...this.#args.map(String)];
    const child = spawn('setpriv', command, {cwd: this.directory});
    this.#child = child;
    children.add(child);
    child.once('exit', () => children.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => (this.output = (this.output + chunk).slice(-20_000)));
    }
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`redis-server ended: ${this.output}`);
      return this.ask('PING').then((answer) => answer === 'PONG', () => false);
    }, 'Redis to serve');
  }

  connect() {
    return Resp.connect({port: this.port});
  }

  /** One command over a connection of its own. */
  async ask(...args) {
    const resp = await this.connect();
    try {
      return await resp.call(...args);
    } finally {
      resp.close();
    }
  }

  async kill() {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  pause() {
    this.#child.kill('SIGSTOP');
  }

  resume() {
    this.#child.kill('SIGCONT');
  }

  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
    await rm(this.directory, {recursive: true, force: true});
  }
}

/** Three masters that share the slots, without replicas. */
export class RedisCluster {
  nodes = [];

  static async start() {
    const cluster = new RedisCluster();
    for (let i = 0; i < 3; ++i) {
      cluster.nodes.push(await RedisServer.start(
        ['--cluster-enabled', 'yes', '--cluster-port', await freePort(), ...durable]));
    }
    const addresses = cluster.nodes.map((node) => `127.0.0.1:${node.port}`);
    const create = spawn('redis-cli',
      ['--cluster', 'create', ...addresses, '--cluster-replicas', '0', '--cluster-yes']);
    let output = '';
    create.stdout.on('data', (chunk) => (output += chunk));
    create.stderr.on('data', (chunk) => (output += chunk));
    const [code] = await within(once(create, 'close'), 'the cluster to be made');
    if (code !== 0) throw new Error(`redis-cli --cluster create: ${output}`);
    for (const node of cluster.nodes) {
      await eventually(async () => (await node.ask('CLUSTER', 'INFO')).includes('cluster_state:ok'),
        'the cluster to agree');
    }
    return cluster;
  }

  get url() {
    return `redis://${this.nodes.map((node) => `127.0.0.1:${node.port}`).join(',')}`;
  }

  /** The node that has the slot of a key. */
  async nodeOf(key) {
    const slot = await this.nodes[0].ask('CLUSTER', 'KEYSLOT', key);
    const ranges = await this.nodes[0].ask('CLUSTER', 'SLOTS');
    const [, , [, port]] = ranges.find(([first, last]) => first <= slot && slot <= last);
    return this.nodes.find((node) => node.port === port);
  }

  async stop() {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

/** A master, two replicas and three Sentinels that agree by two. */
export class RedisSentinels {
  servers = [];
  sentinels = [];
  name = 'main';

  static async start() {
    const trio = new RedisSentinels();
    const master = await RedisServer.start(durable);
    trio.servers.push(master);
    for (let i = 0; i < 2; ++i) {
      trio.servers.push(await RedisServer.start(
        [...durable, '--replicaof', '127.0.0.1', master.port, '--repl-diskless-sync-delay', '0']));
    }
    for (const replica of trio.servers.slice(1)) {
      await eventually(async () => (await replica.ask('ROLE'))[3] === 'connected', 'replication');
    }
    for (let i = 0; i < 3; ++i) {
      trio.sentinels.push(await RedisServer.start(['--sentinel'], {configuration:
        `sentinel monitor ${trio.name} 127.0.0.1 ${master.port} 2\n` +
        `sentinel down-after-milliseconds ${trio.name} 3000\n` +
        `sentinel failover-timeout ${trio.name} 5000\n`}));
    }
    for (const sentinel of trio.sentinels) {
      await eventually(async () => trio.#knowsAll(sentinel), 'the Sentinels to find each other');
    }
    return trio;
  }

  async #knowsAll(sentinel) {
    const fields = await sentinel.ask('SENTINEL', 'MASTER', this.name);
    const value = (name) => fields[fields.indexOf(name) + 1];
    return value('num-other-sentinels') === '2' && value('num-slaves') === '2';
  }

  get url() {
    const addresses = this.sentinels.map((sentinel) => `127.0.0.1:${sentinel.port}`);
    return `redis+sentinel://${addresses.join(',')}/${this.name}`;
  }

  /** The server that the Sentinels call the master now. */
  async master() {
    const [, port] = await this.sentinels[0].ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.name);
    return this.servers.find((server) => server.port === Number(port));
  }

  /** Kills the master and waits until another is in its place. */
  async failOver() {
    const former = await this.master();
    await former.kill();
    await eventually(async () => {
      const next = await this.master();
      return next && next !== former &&
        (await next.ask('ROLE').catch(() => []))[0] === 'master';
    }, 'another master', 60_000);
  }

  async stop() {
    await Promise.all([...this.sentinels, ...this.servers].map((server) => server.stop()));
  }
}
