// Runs the micro-benchmarks, saves and compares them; started by script/bench --micro.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {cpus} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

import {machine} from '../harness/machine.mjs';
import {capture, killOnSignal} from '../harness/processes.mjs';
import {fail, wholeNumber} from '../harness/run.mjs';
import {THRESHOLD, compare, comparisonTable, regressed, timesOf, timesTable} from './compare.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const program = join(root, 'build/release/trackwire-micro');
const LIMIT_MS = 15 * 60_000;
const FORMAT = 1;

function readArguments() {
  try {
    return parseArgs({
      options: {
        quick: {type: 'boolean', default: false},
        repeats: {type: 'string'},
        filter: {type: 'string', default: '.'},
        save: {type: 'string'},
        compare: {type: 'string'},
        threshold: {type: 'string', default: String(THRESHOLD)},
      },
    }).values;
  } catch (error) {
    return fail(error.message);
  }
}

function load(file) {
  try {
    const saved = JSON.parse(readFileSync(file, 'utf8'));
    if (saved.format !== FORMAT || !saved.times) throw new Error('not results of script/bench --micro');
    return {...saved, times: new Map(Object.entries(saved.times))};
  } catch (error) {
    return fail(`${file}: ${error.message}`);
  }
}

// The repetitions of all benchmarks in a random order: a machine that changes its speed for a
// while changes it for a few of each, which medians don't follow.
async function measure(given, repeats) {
  const text = await capture('taskset', ['-c', '0', program, '--benchmark_format=json',
    `--benchmark_filter=${given.filter}`, `--benchmark_repetitions=${repeats}`,
    `--benchmark_min_time=${given.quick ? 0.02 : 0.1}`,
    '--benchmark_enable_random_interleaving=true'], {limit: LIMIT_MS});
  return timesOf(JSON.parse(text));
}

async function main() {
  const given = readArguments();
  const repeats = wholeNumber('--repeats', given.repeats ?? (given.quick ? 3 : 9), 1, 100);
  const threshold = Number(given.threshold);
  if (!(threshold > 0 && threshold < 10)) fail('--threshold takes a share such as 0.1');
  const saved = given.compare ? load(given.compare) : null;
  const times = await measure(given, repeats).catch((error) => fail(error.message));
  if (times.size === 0) fail(`no benchmark matches '${given.filter}'`);
  if (given.save) {
    mkdirSync(dirname(resolve(given.save)), {recursive: true});
    const content = {kind: 'micro', format: FORMAT, machine: machine(root), repeats, times: Object.fromEntries(times)};
    writeFileSync(given.save, `${JSON.stringify(content, null, 1)}\n`);
    console.error(`   saved: ${given.save}`);
  }
  if (!saved) {
    console.log(timesTable(times));
    return 0;
  }
  if (saved.machine.cpu !== cpus()[0].model) {
    console.error(`   the saved results are of another processor: ${saved.machine.cpu}`);
  }
  const wanted = new RegExp(given.filter);
  const before = new Map([...saved.times].filter(([name]) => wanted.test(name)));
  const rows = compare(before, times, threshold);
  console.log(comparisonTable(rows));
  if (!regressed(rows)) return 0;
  console.error('error: slower than the saved results, or missing');
  return 1;
}

killOnSignal();
process.exitCode = await main();
