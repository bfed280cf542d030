// Writes the offline index: node build.mjs FILE [POINTS.csv]
// With points, an index without the places among them, to measure it with: docs/geocoding.md.
import {mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import {makeIndex} from './lib/index.mjs';
import {UNLISTED} from './lib/points.mjs';

const [path, points] = process.argv.slice(2);
if (!path) {
  console.error('usage: node build.mjs FILE [POINTS.csv]');
  process.exit(2);
}

const keyOf = (lat, lon) => `${Number(lat).toFixed(5)},${Number(lon).toFixed(5)}`;

function placesOf(file) {
  const lines = readFileSync(file, 'utf8').split('\n').filter((line) => line.endsWith(UNLISTED));
  return new Set(lines.map((line) => line.split(',')).map(([lat, lon]) => keyOf(lat, lon)));
}

const left = points ? placesOf(points) : new Set();
const bytes = makeIndex({leaveOut: ({lat, lon}) => left.has(keyOf(lat, lon))});
mkdirSync(dirname(path), {recursive: true});
// Whole or not at all: a program may have the old one mapped.
writeFileSync(`${path}.new`, bytes);
renameSync(`${path}.new`, path);
console.error(`   ${path}: ${(bytes.length / 1e6).toFixed(1)} MB`);
