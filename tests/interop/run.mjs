// Runs suites, all of them or those named, one file after another.

import {spawnSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const all = [
  'engineio', 'socketio', 'differential', 'websocket', 'http', 'clients', 'load', 'examples',
  'advisories',
];
const chosen = process.argv.length > 2 ? process.argv.slice(2) : all;
const unknown = chosen.filter((suite) => !all.includes(suite));
if (unknown.length > 0) {
  console.error(`no such suite: ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exit(2);
}

const files = chosen.flatMap((suite) => readdirSync(join(here, suite))
    .filter((name) => name.endsWith('.test.mjs'))
    .sort()
    .map((name) => join(here, suite, name)));
const failed = files.filter((file) => {
  const {status} = spawnSync(
      process.execPath, ['--test-reporter=spec', '--test-reporter-destination=stdout', file],
      {stdio: 'inherit'});
  return status !== 0;
});
for (const file of failed) console.error(`failed: ${file.slice(here.length + 1)}`);
process.exit(failed.length === 0 ? 0 : 1);
