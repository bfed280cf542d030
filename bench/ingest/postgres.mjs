// A PostgreSQL server of the benchmark's own, on a unix socket in a directory of its own, durable as
// one in earnest.
import {execFileSync, spawn} from 'node:child_process';
import {chownSync, existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const START_MS = 30_000;
const ROOT = '/usr/lib/postgresql';
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

/** The directory of the newest server that is installed; null when there is none. */
function binaries() {
  if (!existsSync(ROOT)) return null;
  const versions = readdirSync(ROOT).map(Number).filter(Boolean).sort((a, b) => a - b);
  return versions.length === 0 ? null : join(ROOT, String(versions.at(-1)), 'bin');
}

export const absent = () => (binaries() === null ? 'PostgreSQL is not installed' : null);

// The server refuses root: then it runs as the user its package has made.
function account() {
  if (process.getuid() !== 0) return {options: {}};
  const [uid, gid] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, 'postgres'])));
  return {uid, gid, options: {uid, gid}};
}

const alive = new Set();
process.on('exit', () => alive.forEach((child) => child.kill('SIGQUIT')));

export class Postgres {
  #child;
  #databases = 0;
  directory = mkdtempSync(join(tmpdir(), 'trackwire-bench-pg-'));

  static async start() {
    const server = new Postgres();
    const {uid, gid, options} = account();
    if (uid !== undefined) chownSync(server.directory, uid, gid);
    const data = join(server.directory, 'data');
    execFileSync(join(binaries(), 'initdb'), ['-D', data, '-U', 'trackwire', '-A', 'trust', '-E',
      'UTF8', '--locale=C.UTF-8', '--no-instructions'],
    {...options, cwd: server.directory, stdio: 'ignore'});
    server.#child = spawn(join(binaries(), 'postgres'), ['-D', data, '-k', server.directory,
      '-c', 'listen_addresses='], {...options, cwd: server.directory, stdio: 'ignore'});
    alive.add(server.#child);
    server.#child.once('exit', () => alive.delete(server.#child));
    const end = Date.now() + START_MS;
    while (!server.#serves()) {
      if (Date.now() > end) throw new Error('PostgreSQL did not start');
      await sleep(50);
    }
    return server;
  }

  #psql(sql) {
    execFileSync(join(binaries(), 'psql'), ['-X', '-q', '-d', this.#url('postgres'), '-c', sql],
      {stdio: 'ignore'});
  }

  #serves() {
    try {
      this.#psql('SELECT 1');
      return true;
    } catch {
      return false;
    }
  }

  #url(name) {
    return `postgresql://trackwire@/${name}?host=${this.directory}`;
  }

  /** The URL of an empty database. */
  create() {
    const name = `bench_${++this.#databases}`;
    this.#psql(`CREATE DATABASE ${name}`);
    return this.#url(name);
  }

  async stop() {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = new Promise((done) => this.#child.once('exit', done));
      this.#child.kill('SIGINT');
      await ended;
    }
    rmSync(this.directory, {recursive: true, force: true});
  }
}
