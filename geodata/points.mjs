// Writes points with known addresses, to measure the index with: node points.mjs FILE OWN.csv...
// Those of the files come first, as they are; the others are drawn by chance, always the same ones.
import {readFileSync, writeFileSync} from 'node:fs';
import {drawPoints} from './lib/points.mjs';

const [path, ...own] = process.argv.slice(2);
if (!path) {
  console.error('usage: node points.mjs FILE OWN.csv...');
  process.exit(2);
}
const COLUMNS = ['lat', 'lon', 'country_code', 'country_code_also_ok', 'admin1', 'locality',
  'locality_lat', 'locality_lon', 'category', 'source'];
const quote = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const lines = own.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n').slice(1));
for (const point of drawPoints()) {
  lines.push(COLUMNS.map((column) => quote(String(point[column] ?? ''))).join(','));
}
writeFileSync(path, `${COLUMNS.join(',')}\n${lines.join('\n')}\n`);
