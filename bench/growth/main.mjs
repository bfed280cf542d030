// Measures CPU and memory as one quantity grows; started by script/bench --grow.
import {cpus} from 'node:os';
import {dirname, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

import {measureCell, runCells} from '../harness/cells.mjs';
import {machine, warnIfBusy} from '../harness/machine.mjs';
import {killOnSignal} from '../harness/processes.mjs';
import {fail, resultSaver, wholeNumber} from '../harness/run.mjs';
import {failureOf} from '../harness/table.mjs';
import {axes, cellsOf} from './axes.mjs';
import {axisText, growthText} from './text.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** Of one axis. */
const LIMIT_MS = 8 * 60_000;

function readArguments() {
  try {
    return parseArgs({
      options: {
        axis: {type: 'string', multiple: true},
        quick: {type: 'boolean', default: false},
        repeats: {type: 'string', default: '1'},
      },
    }).values;
  } catch (error) {
    return fail(error.message);
  }
}

async function runAxis(axis, given, repeats, run, save) {
  const cells = cellsOf(axis, root, given.quick);
  const reason = cells.map(({server}) => server.absent()).find((one) => one !== null) ?? null;
  const part = {axis: axis.name, reason, records: [],
    cells: cells.map(({name, title, series, x}) => ({name, title, series, x}))};
  run.parts.push(part);
  await runCells({
    cells: reason ? [] : cells,
    repeats,
    deadline: Date.now() + LIMIT_MS,
    measure: (cell, repeat) => measureCell(root, cell, repeat),
    keep: (record) => {
      part.records.push(record);
      save();
    },
  });
  console.error(`\n${axisText(part)}`);
}

async function main() {
  const given = readArguments();
  for (const name of given.axis ?? []) {
    if (!axes.some((axis) => axis.name === name)) {
      fail(`no axis '${name}'; there are ${axes.map((axis) => axis.name).join(', ')}`);
    }
  }
  if (cpus().length < 2) fail('two processors are needed: one for the server, one for the load');
  const repeats = wholeNumber('--repeats', given.repeats, 1, 20);
  warnIfBusy();
  const run = {kind: 'growth', machine: machine(root), repeats, quick: given.quick, parts: []};
  const save = resultSaver(root, run);
  for (const axis of axes) {
    if (!given.axis || given.axis.includes(axis.name)) {
      await runAxis(axis, given, repeats, run, save);
    }
  }
  save();
  console.log(growthText(run));
  const records = run.parts.flatMap((part) => part.records);
  return records.some((record) => failureOf(record) !== null) ? 1 : 0;
}

killOnSignal();
process.exitCode = await main();
