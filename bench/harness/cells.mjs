// Runs a list of measurements, interleaved and bounded in time.
import {join} from 'node:path';

import {LOAD_CPU, runLoad} from './processes.mjs';
import {failureOf} from './table.mjs';

/** Of one run of the generator, connecting and draining included. */
const LOAD_LIMIT_MS = 300_000;

/**
 * One measurement: a server under a load. Its name is unique within a list.
 * @typedef {object} Cell
 * @property {string} name
 * @property {string} title in tables
 * @property {import('./servers.mjs').Server} server
 * @property {string[]} load arguments of the generator
 * @property {string} [processors] of the generator
 */

/**
 * @param {Cell} cell
 * @returns {Promise<{cell: string, repeat: number, report?: object, error?: string,
 *                    metrics?: Record<string, number>}>} never rejects
 */
export async function measureCell(root, cell, repeat) {
  const base = {cell: cell.name, repeat};
  try {
    const running = await cell.server.start();
    try {
      const args = ['--target', running.url, '--server-pid', String(running.pid), ...running.load,
        ...cell.load];
      const report = await runLoad(join(root, 'build/release/trackwire-load'), args, running.env,
        ['--json'], {processors: cell.processors ?? LOAD_CPU, limit: LOAD_LIMIT_MS});
      return {...base, report, metrics: await running.metrics?.()};
    } finally {
      await running.stop();
    }
  } catch (error) {
    return {...base, error: error.message};
  }
}

/**
 * Repeats lie far apart and the cells of a repeat follow each other, so that a machine that changes
 * its speed changes it for all. A cell that failed is not tried again. What the time does not
 * suffice for is left out and said.
 * @param {{cells: Cell[], repeats: number, deadline: number, keep: (record: object) => void,
 *          measure: (cell: Cell, repeat: number) => Promise<object>,
 *          now?: () => number, say?: (line: string) => void}} run `deadline` and `now` in ms
 */
export async function runCells({cells, repeats, deadline, keep, measure, now = Date.now,
  say = (line) => console.error(line)}) {
  const failed = new Set();
  const total = repeats * cells.length;
  let done = 0;
  let longest = 0;
  for (let repeat = 1; repeat <= repeats; ++repeat) {
    for (const cell of cells) {
      ++done;
      if (failed.has(cell.name)) continue;
      const start = now();
      if (start + longest > deadline) {
        say(`   [${done}/${total}] no time is left: repeat ${repeat} is not complete`);
        return;
      }
      const record = await measure(cell, repeat);
      longest = Math.max(longest, now() - start);
      keep(record);
      const failure = failureOf(record);
      if (failure) failed.add(cell.name);
      say(`   [${done}/${total}] ${cell.title}: ${failure ? `failed: ${failure}` : 'done'}`);
    }
  }
}
