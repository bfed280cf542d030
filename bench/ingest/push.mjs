// Positions a second from trackers that push to a client's socket, by store and broker.
import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {median} from '../harness/stats.mjs';
import {Gateway, unlimited} from './gateway.mjs';
import * as postgres from './postgres.mjs';
import {runNode} from './run_node.mjs';
import {number, table} from './table.mjs';
import {ways} from './ways.mjs';

const TRACKERS = 200;
const CONNECTIONS = 32;
const START_MS = 20_000;
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

/** A Redis of its own that keeps what it has answered, as reliability asks for. */
async function startRedis() {
  const directory = mkdtempSync(join(tmpdir(), 'trackwire-bench-redis-'));
  const socket = join(directory, 'redis.sock');
  const child = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', directory,
    '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'], {stdio: 'ignore'});
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const ended = new Promise((done) => {
    child.once('exit', done);
    child.once('error', done);
  });
  for (const end = Date.now() + START_MS; !existsSync(socket); await sleep(10)) {
    if (Date.now() > end || child.exitCode !== null) throw new Error('Redis did not start');
  }
  return {
    args: ['--redis', `unix://${socket}`],
    async stop() {
      kill();
      await ended;
      process.off('exit', kill);
      rmSync(directory, {recursive: true, force: true});
    },
  };
}

async function startPostgres() {
  const server = await postgres.Postgres.start();
  return {args: ['--database', server.create()], stop: () => server.stop()};
}

const nothing = async () => ({args: [], stop: async () => {}});

const setups = [
  {title: 'SQLite, broker in the process', start: nothing},
  {title: 'PostgreSQL, broker in the process', start: startPostgres, absent: postgres.absent},
  {title: 'SQLite, through Redis', start: startRedis},
];

async function once({root, program}, setup, options) {
  const beside = await setup.start();
  try {
    const gateway = await Gateway.start(program, [...unlimited, ...beside.args]);
    try {
      return await runNode(join(root, 'bench/ingest/push_load.mjs'),
        {port: gateway.port, token: gateway.token, pid: gateway.pid, ...options});
    } finally {
      await gateway.stop();
    }
  } finally {
    await beside.stop();
  }
}

export async function measurePush({root, program, quick, repeats, say}) {
  const rows = [];
  for (const setup of setups) {
    for (const [way, {title, each}] of Object.entries(ways)) {
      const label = `${setup.title}: ${title}`;
      const absent = existsSync(program) ? setup.absent?.() : 'trackwire is not built';
      if (absent) {
        rows.push([label, `absent: ${absent}`]);
        continue;
      }
      const fixes = (quick ? 1 : 4) * (each === 1 ? 100 : 500);
      const found = [];
      for (let repeat = 0; repeat < repeats; ++repeat) {
        found.push(await once({root, program}, setup,
          {way, trackers: TRACKERS, connections: CONNECTIONS, fixes}));
        say(`${label}: ${number(found.at(-1).rate, 0)} positions/s`);
      }
      const bad = found.find(({wrong}) => wrong > 0);
      const middle = (name) => median(found.map((report) => report[name]));
      rows.push(bad ? [label, `failed: ${bad.wrong} lost, doubled or out of order`] : [label,
        number(middle('rate'), 0), number(middle('accepted_rate'), 0),
        number(middle('cpu_us'), 1), number(middle('refused'), 0)]);
    }
  }
  return table(`From trackers that push to a client's socket: ${TRACKERS} trackers, ` +
    `${CONNECTIONS} connections`, ['', 'positions/s at the socket', 'positions/s answered 200',
    'gateway CPU each, us', 'answers 503'], rows);
}
