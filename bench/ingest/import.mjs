// Rows a second that `trackwire import` puts into an empty database.
import {execFile} from 'node:child_process';
import {createWriteStream, existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {finished} from 'node:stream/promises';
import {promisify} from 'node:util';

import {median} from '../harness/stats.mjs';
import * as postgres from './postgres.mjs';
import {number, table} from './table.mjs';
import {idOf, trackerOf} from './trackers.mjs';

const TRACKERS = 1_000;
const TIME_LIMIT_MS = 300_000;
const COLUMNS = 'tracker_id,name,fix_time,latitude,longitude,altitude,accuracy,speed,course,heading,' +
  'valid,battery_level,motion,source,received_at,attributes';

/** A file as `trackwire export` writes it: each tracker's positions, a second apart. */
async function writeFile(path, rows) {
  const file = createWriteStream(path);
  file.write(`${COLUMNS}\r\n`);
  const each = rows / TRACKERS;
  const start = Date.now() - 2 * 86_400_000;
  for (let n = 0; n < TRACKERS; ++n) {
    let text = '';
    for (let i = 0; i < each; ++i) {
      const {latitude, longitude, speed, course, fix_time: time} = trackerOf(n, start + i * 1000);
      text += `${idOf(n)},Vehicle ${n},${time},${latitude},${longitude},35,5,${speed},${course},,true,` +
        `81,moving,bench,${time},\r\n`;
    }
    if (!file.write(text)) await new Promise((drained) => file.once('drain', drained));
  }
  file.end();
  await finished(file);
}

export async function measureImport({program, quick, repeats, say}) {
  const rows = quick ? 200_000 : 1_000_000;
  const directory = mkdtempSync(join(tmpdir(), 'trackwire-bench-'));
  const lines = [];
  try {
    const file = join(directory, 'positions.csv');
    await writeFile(file, rows);
    for (const [title, absent, open] of [
      ['SQLite', null, async (i) => ({url: `sqlite:${join(directory, `${i}.db`)}`, stop() {}})],
      ['PostgreSQL', postgres.absent(), openPostgres]]) {
      const missing = existsSync(program) ? absent : 'trackwire is not built';
      if (missing) {
        lines.push([title, `absent: ${missing}`]);
        continue;
      }
      const rates = [];
      for (let i = 0; i < repeats; ++i) rates.push(rows / await once(program, file, rows, await open(i)));
      say(`import, ${title}: ${number(median(rates), 0)} rows/s`);
      lines.push([title, number(median(rates), 0), number(Math.min(...rates), 0),
        number(Math.max(...rates), 0)]);
    }
  } finally {
    rmSync(directory, {recursive: true, force: true});
  }
  return table(`\`trackwire import\` of ${number(rows, 0)} rows of CSV, ${number(TRACKERS, 0)} trackers`,
    ['', 'rows/s', 'least', 'most'], lines);
}

/** What the program says of itself must be all of it. */
export function checkCount(output, rows) {
  const [, stored] = / read, ([^a-z]+) stored/.exec(output) ?? [];
  if (Number(stored?.replace(/\D/g, '')) !== rows) {
    throw new Error(`not all of ${rows} rows were stored: ${output.slice(-400)}`);
  }
}

async function openPostgres() {
  const server = await postgres.Postgres.start();
  return {url: server.create(), stop: () => server.stop()};
}

async function once(program, file, rows, database) {
  try {
    const start = performance.now();
    const {stdout, stderr} = await promisify(execFile)(program,
      ['import', file, '--create', '--database', database.url], {timeout: TIME_LIMIT_MS});
    const seconds = (performance.now() - start) / 1000;
    checkCount(stdout + stderr, rows);
    return seconds;
  } finally {
    await database.stop();
  }
}
