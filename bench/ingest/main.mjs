// What trackers, their positions and their lists cost: started by script/bench --ingest.
import {cpus, loadavg, release} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

import {killAll} from '../harness/processes.mjs';
import {measureGraphql} from './graphql.mjs';
import {measureImport} from './import.mjs';
import {measureLatest} from './latest.mjs';
import {measurePush} from './push.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** Runnable processes in the last minute above which figures are not to be trusted. */
const BUSY = 0.5;
const parts = {push: measurePush, graphql: measureGraphql, import: measureImport,
  latest: measureLatest};

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({options: {
      quick: {type: 'boolean', default: false},
      repeats: {type: 'string'},
      part: {type: 'string', multiple: true},
    }}).values;
  } catch (error) {
    return fail(error.message);
  }
}

const given = readArguments();
const chosen = given.part ?? Object.keys(parts);
for (const name of chosen) {
  if (!parts[name]) fail(`no part '${name}'; there are ${Object.keys(parts).join(', ')}`);
}
const repeats = Number(given.repeats ?? (given.quick ? 1 : 3));
if (!Number.isInteger(repeats) || repeats < 1 || repeats > 100) fail('--repeats takes 1 to 100');
if (cpus().length < 2) fail('two processors are needed: one for the server, one for the load');
if (loadavg()[0] > BUSY) console.error('   other programs use this machine: expect noise');
for (const [signal, code] of [['SIGINT', 2], ['SIGTERM', 15]]) {
  process.once(signal, () => {
    killAll();
    process.exit(128 + code);
  });
}

console.log(`${repeats} repeat${repeats > 1 ? 's' : ''}, ${new Date().toISOString().slice(0, 10)}, ` +
  `${cpus().length} x ${cpus()[0].model}, Linux ${release()}; the server on one processor, the load ` +
  'and its clients on the other, databases and Redis where there is room. Medians.\n');
const context = {root, program: join(root, 'build/release/trackwire'), quick: given.quick, repeats,
  say: (text) => console.error(`   ${text}`)};
for (const name of chosen) {
  try {
    console.log(await parts[name](context));
  } catch (error) {
    console.error(`error: ${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
