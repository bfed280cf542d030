// Writes saved results into docs/performance.md, plots beside it; started by script/bench --report.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

import {fail} from '../harness/run.mjs';
import {replacePart} from './document.mjs';
import {reportOf} from './parts.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

function readArguments() {
  try {
    return parseArgs({allowPositionals: true, options: {
      document: {type: 'string', default: join(root, 'docs/performance.md')},
    }});
  } catch (error) {
    return fail(error.message);
  }
}

function read(file) {
  try {
    return reportOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    return fail(`${file}: ${error.message}`);
  }
}

const {values: {document}, positionals: files} = readArguments();
if (files.length === 0) fail('--report takes files of raw results');
// Everything is read and put in its place before anything is written.
const reports = files.map(read);
let text = readFileSync(document, 'utf8');
try {
  for (const {parts} of reports) {
    for (const [name, part] of parts) text = replacePart(text, name, part);
  }
} catch (error) {
  fail(`${document}: ${error.message}`);
}
const folder = join(dirname(document), 'images/performance');
for (const {file, svg} of reports.flatMap(({plots}) => plots)) {
  mkdirSync(folder, {recursive: true});
  writeFileSync(join(folder, file), svg);
  console.log(`written: ${join(folder, file)}`);
}
writeFileSync(document, text);
console.log(`written: ${document}`);
