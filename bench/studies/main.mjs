// Runs studies and prints their tables; started by script/bench --study.
import {cpus} from 'node:os';
import {dirname, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

import {measureCell, runCells} from '../harness/cells.mjs';
import {machine, warnIfBusy} from '../harness/machine.mjs';
import {killOnSignal} from '../harness/processes.mjs';
import {fail, resultSaver, wholeNumber} from '../harness/run.mjs';
import {failureOf} from '../harness/table.mjs';
import {studies} from './studies.mjs';
import {runText, studyText} from './text.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** Of one study. */
const LIMIT_MS = 20 * 60_000;

function readArguments() {
  try {
    return parseArgs({
      options: {
        study: {type: 'string', multiple: true, default: []},
        server: {type: 'string', multiple: true},
        quick: {type: 'boolean', default: false},
        repeats: {type: 'string'},
      },
    }).values;
  } catch (error) {
    return fail(error.message);
  }
}

function choose(names) {
  if (names.includes('all')) return studies;
  for (const name of names) {
    if (!studies.some((study) => study.name === name)) {
      fail(`no study '${name}'; there are ${studies.map((study) => study.name).join(', ')}, all`);
    }
  }
  return studies.filter(({name}) => names.includes(name));
}

function prepare(study, given) {
  const reason = study.absent?.() ?? null;
  let cells = reason ? [] : study.cells(root, given.quick);
  if (given.server) {
    cells = cells.filter(({name}) => given.server.some((one) => name.startsWith(one)));
    if (cells.length === 0 && !reason) fail(`study ${study.name} has no such server`);
  }
  return {study, reason, cells: cells.map((cell) => ({...cell, reason: cell.server.absent()}))};
}

async function runStudy({study, reason, cells}, repeats, run, save) {
  const part = {study: study.name, reason, records: [],
    cells: cells.map(({name, title, reason: absent}) => ({name, title, reason: absent}))};
  run.parts.push(part);
  console.error(`   ${study.title}${reason ? `: ${reason}` : ''}`);
  await runCells({
    cells: cells.filter((cell) => cell.reason === null),
    repeats,
    deadline: Date.now() + LIMIT_MS,
    measure: (cell, repeat) => measureCell(root, cell, repeat),
    keep: (record) => {
      part.records.push(record);
      save();
    },
  });
  save();
  console.error(`\n${studyText(part)}`);
}

async function main() {
  const given = readArguments();
  if (cpus().length < 2) fail('two processors are needed: one for the server, one for the load');
  const repeats = wholeNumber('--repeats', given.repeats ?? (given.quick ? 1 : 3), 1, 100);
  const prepared = choose(given.study).map((study) => prepare(study, given));
  warnIfBusy();
  const run = {kind: 'studies', machine: machine(root), repeats, quick: given.quick, parts: []};
  const save = resultSaver(root, run);
  for (const one of prepared) await runStudy(one, repeats, run, save);
  console.log(runText(run));
  const records = run.parts.flatMap((part) => part.records);
  return records.some((record) => failureOf(record) !== null) ? 1 : 0;
}

killOnSignal();
process.exitCode = await main();
