// Runs the scenarios on each server in turn and prints the tables; started by script/bench.
import {readFileSync} from 'node:fs';
import {cpus} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

import {machine, warnIfBusy} from './machine.mjs';
import {killOnSignal, runLoad} from './processes.mjs';
import {fail, resultSaver, wholeNumber} from './run.mjs';
import {scenarios} from './scenarios.mjs';
import {servers} from './servers.mjs';
import {failureOf, tables} from './table.mjs';
import {runDescription} from './text.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** Of the whole run; what does not fit in is left out and said. */
const LIMIT_MS = 20 * 60_000;
const generator = join(root, 'build/release/trackwire-load');

function readArguments() {
  try {
    return parseArgs({
      options: {
        quick: {type: 'boolean', default: false},
        repeats: {type: 'string'},
        scenario: {type: 'string', multiple: true},
        server: {type: 'string', multiple: true},
        table: {type: 'string'},
      },
    }).values;
  } catch (error) {
    return fail(error.message);
  }
}

// The usual ones when nothing is chosen; floors always, because without them there is no ratio.
function choose(all, names, kind) {
  for (const name of names ?? []) {
    if (!all.some((one) => one.name === name)) {
      fail(`no ${kind} '${name}'; there are ${all.map((one) => one.name).join(', ')}`);
    }
  }
  if (!names) return all.filter((one) => !one.onRequest);
  return all.filter((one) => names.includes(one.name) || one.name.startsWith('floor-'));
}

async function measure(server, scenario) {
  const running = await server.start();
  try {
    const args = ['--target', running.url, '--server-pid', String(running.pid),
      ...running.load, ...scenario.load];
    return await runLoad(generator, args, running.env);
  } finally {
    await running.stop();
  }
}

async function record(server, scenario, repeat) {
  const base = {server: server.name, scenario: scenario.name, repeat};
  try {
    return {...base, report: await measure(server, scenario)};
  } catch (error) {
    return {...base, error: error.message};
  }
}

function progress(done, total, entry) {
  const failure = failureOf(entry);
  const what = failure ? `failed: ${failure}`
    : `${entry.report.cpu_us_per_message.toFixed(3)} us a message`;
  console.error(`   [${done}/${total}] ${entry.scenario}, ${entry.server}: ${what}`);
}

// Interleaved: the servers of one scenario follow each other closely, and the repeats are far
// apart, so that a machine that changes its speed changes it for all.
async function runAll(run, chosenServers, save) {
  const deadline = Date.now() + LIMIT_MS;
  const present = chosenServers.filter((server) => server.reason === null);
  const total = run.repeats * run.scenarios.length * present.length;
  for (let repeat = 1; repeat <= run.repeats; ++repeat) {
    for (const scenario of run.scenarios) {
      for (const server of present) {
        if (Date.now() > deadline) {
          console.error(`   no time is left: repeat ${repeat} is not complete`);
          return;
        }
        run.records.push(await record(server, scenario, repeat));
        progress(run.records.length, total, run.records.at(-1));
        save();
      }
    }
  }
}

async function main() {
  const given = readArguments();
  if (given.table) {
    const run = JSON.parse(readFileSync(given.table, 'utf8'));
    console.log(`${runDescription(run)}\n${tables(run)}`);
    return 0;
  }
  const repeats = wholeNumber('--repeats', given.repeats ?? (given.quick ? 1 : 3), 1, 100);
  if (cpus().length < 2) fail('two processors are needed: one for the server, one for the load');
  const chosenScenarios = choose(scenarios(given.quick), given.scenario, 'scenario');
  const chosenServers = choose(servers(root), given.server, 'server')
    .map((server) => ({...server, reason: server.absent()}));
  for (const {title, reason} of chosenServers.filter((s) => s.reason)) {
    console.error(`   ${title} is absent: ${reason}`);
  }
  warnIfBusy();
  const run = {kind: 'fan-out', machine: machine(root), repeats, quick: given.quick, scenarios: chosenScenarios,
    servers: chosenServers.map(({name, title, reason}) => ({name, title, reason})), records: []};
  await runAll(run, chosenServers, resultSaver(root, run));
  console.log(`${runDescription(run)}\n${tables(run)}`);
  return run.records.some((entry) => failureOf(entry) !== null) ? 1 : 0;
}

killOnSignal();
process.exitCode = await main();
