// One Redis of its own and some gateways on it; all in one temporary directory.
import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';

const START_MS = 20_000;
/** USER_HZ: what /proc counts processor time in. */
const TICKS = 100;

const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

function cpuSeconds(pid) {
  // The name in brackets may hold spaces; utime and stime are fields 14 and 15.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

const alive = new Set();
process.on('exit', () => alive.forEach((child) => child.kill('SIGKILL')));

function run(command, args, options) {
  const child = spawn(command, args, options);
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  return child;
}

export class Deployment {
  #directory = mkdtempSync(join(tmpdir(), 'trackwire-bench-redis-'));
  #redis;
  #gateways = [];

  /** @param {'no' | 'everysec' | 'always'} fsync `no`: without an append-only file */
  static async start(program, gateways, fsync) {
    const deployment = new Deployment();
    try {
      await deployment.#startRedis(fsync);
      for (let i = 0; i < gateways; ++i) await deployment.#startGateway(program, i);
      return deployment;
    } catch (error) {
      await deployment.stop();
      throw error;
    }
  }

  get socket() {
    return join(this.#directory, 'redis.sock');
  }

  async #startRedis(fsync) {
    const durable = fsync === 'no' ? ['no'] : ['yes', '--appendfsync', fsync];
    this.#redis = run('redis-server', ['--port', '0', '--unixsocket', this.socket, '--dir',
      this.#directory, '--save', '', '--appendonly', ...durable], {stdio: 'ignore'});
    const end = Date.now() + START_MS;
    while (!existsSync(this.socket)) {
      if (Date.now() > end) throw new Error('Redis did not start');
      await sleep(10);
    }
  }

  async #startGateway(program, index) {
    const child = run(program, ['serve', '--listen', '127.0.0.1:0', '--threads', '1', '--redis',
      `unix://${this.socket}`, '--database', `sqlite:${join(this.#directory, `${index}.db`)}`],
    {cwd: this.#directory, stdio: ['ignore', 'pipe', 'pipe'],
      env: {...process.env, TRACKWIRE_VISIBILITY_UNKNOWN_TRACKERS: 'public'}});
    const lines = [];
    const url = await new Promise((found, failed) => {
      const look = (line) => {
        lines.push(line);
        const match = /listening (http:\/\/127\.[0-9.]+:\d+)/.exec(line);
        if (match) found(match[1]);
      };
      createInterface({input: child.stdout}).on('line', look);
      createInterface({input: child.stderr}).on('line', look);
      child.once('exit', () => failed(new Error(`the gateway ended: ${lines.join('\n')}`)));
      setTimeout(() => failed(new Error('the gateway did not listen')), START_MS).unref();
    });
    this.#gateways.push({child, url});
  }

  /** Of each gateway: log entries handed to its shards so far. */
  dispatched() {
    return Promise.all(this.#gateways.map(async ({url}) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/^trackwire_notifications_dispatched_total (\d+)/m.exec(text)[1]);
    }));
  }

  /** Processor seconds used so far. */
  cpu() {
    return {
      redis: cpuSeconds(this.#redis.pid),
      gateways: this.#gateways.reduce((sum, {child}) => sum + cpuSeconds(child.pid), 0),
    };
  }

  async stop() {
    for (const child of [...this.#gateways.map((gateway) => gateway.child), this.#redis]) {
      if (!child || child.exitCode !== null) continue;
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#directory, {recursive: true, force: true});
  }
}
