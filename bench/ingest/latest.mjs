// How long reading the latest positions of all trackers takes, on each database.
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {runLoad} from '../harness/processes.mjs';
import {median} from '../harness/stats.mjs';
import * as postgres from './postgres.mjs';
import {number, table} from './table.mjs';

const TRACKERS = 100_000;

export async function measureLatest({root, quick, repeats, say}) {
  const program = join(root, 'build/release/trackwire-latest');
  const built = existsSync(program) ? null : 'trackwire-latest is not built';
  const rows = [];
  for (const [title, absent, run] of [
    ['SQLite', built, onSqlite], ['PostgreSQL', built ?? postgres.absent(), onPostgres]]) {
    if (absent) {
      rows.push([title, absent]);
      continue;
    }
    const {ms} = await run((url) =>
      runLoad(program, [url, String(TRACKERS), String((quick ? 3 : 5) * repeats)], {}, []));
    rows.push([title, number(median(ms), 0), number(Math.min(...ms), 0), number(Math.max(...ms), 0)]);
    say(`latest positions, ${title}: ${number(median(ms), 0)} ms`);
  }
  return table(`Latest positions of ${number(TRACKERS, 0)} trackers in one query`,
    ['', 'median, ms', 'least', 'most'], rows);
}

async function onSqlite(measure) {
  const directory = mkdtempSync(join(tmpdir(), 'trackwire-bench-'));
  try {
    return await measure(`sqlite:${join(directory, 'latest.db')}`);
  } finally {
    rmSync(directory, {recursive: true, force: true});
  }
}

async function onPostgres(measure) {
  const server = await postgres.Postgres.start();
  try {
    return await measure(server.create());
  } finally {
    await server.stop();
  }
}
