// The tables of README.md that say which test of ours has which subject of the official suites.

import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import {describe, it} from 'node:test';

const root = new URL('../', import.meta.url);

/** The rows of the table below `heading`: [number, subject, file, test]. */
function rowsBelow(heading) {
  const [, part] = readFileSync(new URL('README.md', root), 'utf8').split(`### ${heading}\n`);
  const rows = part.split('\n### ')[0].match(/^\| \d+ \|.*\|$/gm) ?? [];
  return rows.map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
}

for (const [heading, count] of [['Engine.IO v4', 25], ['Socket.IO v5', 32]]) {
  describe(`The official suite of ${heading}`, () => {
    const rows = rowsBelow(heading);

    it(`has ${count} subjects`, () => {
      assert.deepEqual(
          rows.map(([number]) => Number(number)), Array.from({length: count}, (_, i) => i + 1));
    });

    for (const [number, subject, file, name] of rows) {
      it(`${number}: ${subject}`, () => {
        const place = new URL(`${file.replaceAll('`', '')}.test.mjs`, root);
        assert.ok(existsSync(place), `${file} exists`);
        const source = readFileSync(place, 'utf8');
        assert.ok(
            [`it('${name}'`, `it(\`${name}\``].some((begin) => source.includes(begin)),
            `${file} has a test "${name}"`);
      });
    }
  });
}
