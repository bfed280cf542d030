// A real PostgreSQL server of a test's own, on a unix socket in a directory of its own. It is ended
// with the test file, also when that is killed.

import {execFile, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync} from 'node:fs';
import {chown, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {after} from 'node:test';
import {promisify} from 'node:util';

import {temporaryDirectory} from './gateway.mjs';
import {eventually, within} from './wait.mjs';

const children = new Set();
// SIGQUIT ends the server and what it has started at once.
after(() => children.forEach((child) => child.kill('SIGQUIT')));

/** The directory of the newest server that is installed. */
function binaries() {
  const root = '/usr/lib/postgresql';
  const versions = readdirSync(root).map(Number).filter(Boolean).sort((a, b) => a - b);
  return join(root, String(versions.at(-1)), 'bin');
}

/** The server refuses root: then it runs as the user its package has made. */
function account() {
  if (process.getuid() !== 0) return {prefix: []};
  const [uid, gid] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, 'postgres'])));
  return {uid, gid, prefix: ['--reuid', uid, '--regid', gid, '--init-groups']};
}

export class PostgresServer {
  #child;
  #account = account();
  #args;
  #databases = 0;
  directory;
  output = '';

  /** `args` are the server's own, as in ['-c', 'max_connections=20']. */
  static async start(args = []) {
    const server = new PostgresServer();
    server.directory = await temporaryDirectory();
    server.#args = args;
    const {uid, gid} = server.#account;
    if (uid !== undefined) await chown(server.directory, uid, gid);
    await server.#run('initdb', ['-D', server.data, '-U', 'trackwire', '-A', 'trust', '-E', 'UTF8',
      '--locale=C.UTF-8', '--no-sync', '--no-instructions']);
    await server.restart();
    return server;
  }

  get data() {
    return join(this.directory, 'data');
  }

  get pid() {
    return this.#child.pid;
  }

  /** What `database.url` takes for one of its databases. */
  url(database = 'postgres') {
    return `postgresql://trackwire@/${database}?host=${this.directory}`;
  }

  /** Makes an empty database; its URL. */
  async createDatabase(name = `test_${++this.#databases}`) {
    await this.query(`CREATE DATABASE "${name}"`);
    return this.url(name);
  }

  /** Runs SQL with psql; the rows as arrays of texts, absent values as ''. */
  async query(sql, database = 'postgres') {
    const {stdout} = await promisify(execFile)(join(binaries(), 'psql'),
      ['-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-d', this.url(database),
        '-c', sql]);
    return stdout.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
  }

  /** Starts it (again, with the data it has) and waits until it serves. */
  async restart() {
    const child = this.#spawn('postgres', ['-D', this.data, '-k', this.directory,
      '-c', 'listen_addresses=', '-c', 'fsync=off', ...this.#args]);
    this.#child = child;
    children.add(child);
    child.once('exit', () => children.delete(child));
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`postgres ended: ${this.output}`);
      return this.query('SELECT 1').then(() => true, () => false);
    }, 'PostgreSQL to serve');
  }

  #spawn(name, args) {
    const command = ['--pdeathsig', 'QUIT', ...this.#account.prefix, join(binaries(), name), ...args];
    const child = spawn('setpriv', command.map(String), {cwd: this.directory});
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => (this.output = (this.output + chunk).slice(-20_000)));
    }
    return child;
  }

  async #run(name, args) {
    const [code] = await within(once(this.#spawn(name, args), 'close'), name);
    if (code !== 0) throw new Error(`${name}: ${this.output}`);
  }

  /** Ends it without waiting for its clients; what was committed stays. */
  async kill() {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGQUIT');
    await gone;
  }

  /** Cuts the connections of everybody else to a database. */
  async disconnectAll(database) {
    await this.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = '${database}' AND pid <> pg_backend_pid()`, database);
  }

  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
    await rm(this.directory, {recursive: true, force: true});
  }
}
