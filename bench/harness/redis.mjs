// A Redis of a run's own, in a directory of its own, beside the load: what it takes is not the server's.
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {existsSync} from 'node:fs';

import {LOAD_CPU, startProgram} from './processes.mjs';

/** @returns {string | null} why there is no Redis here */
export function redisAbsent() {
  const found = (process.env.PATH ?? '').split(delimiter)
    .some((folder) => existsSync(join(folder, 'redis-server')));
  return found ? null : 'redis-server is not installed';
}

/** @returns {Promise<{url: string, pid: number, stop: () => Promise<void>}>} */
export async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), 'trackwire-bench-redis-'));
  const path = join(folder, 'redis.sock');
  const clean = () => rmSync(folder, {recursive: true, force: true});
  try {
    const server = await startProgram('redis-server', ['--port', '0', '--unixsocket', path, '--dir',
      folder, '--save', '', '--appendonly', 'no'], /[Rr]eady to accept connections/,
    {processors: LOAD_CPU});
    return {url: `unix://${path}`, pid: server.pid, stop: () => server.stop().finally(clean)};
  } catch (error) {
    clean();
    throw error;
  }
}
