// Writes the offline index: node build.mjs FILE
import {mkdirSync, renameSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import {makeIndex} from './lib/index.mjs';

const [path] = process.argv.slice(2);
if (!path) {
  console.error('usage: node build.mjs FILE');
  process.exit(2);
}
const bytes = makeIndex();
mkdirSync(dirname(path), {recursive: true});
// Whole or not at all: a program may have the old one mapped.
writeFileSync(`${path}.new`, bytes);
renameSync(`${path}.new`, path);
console.error(`   ${path}: ${(bytes.length / 1e6).toFixed(1)} MB`);
