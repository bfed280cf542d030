import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {axes} from '../growth/axes.mjs';
import {axisText, lineText, plotsOf, quantities, seriesOf} from '../growth/text.mjs';
import {studies} from '../studies/studies.mjs';
import {partsOf, replacePart} from './document.mjs';
import {reportOf} from './parts.mjs';

const DOCUMENT = new URL('../../docs/performance.md', import.meta.url);

test('a part is replaced and nothing else', () => {
  const before = 'a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb\n';
  const after = 'a\n<!-- bench:x -->\n\nnew\n\n<!-- /bench:x -->\nb\n';
  assert.equal(replacePart(before, 'x', 'new\n'), after);
  assert.equal(replacePart(after, 'x', 'new'), after);
  assert.deepEqual(partsOf(after), ['x']);
});

test('a part that is missing, twice there or not ended is an error', () => {
  assert.throws(() => replacePart('nothing', 'x', 'new'), /once, not 0 times/);
  const twice = '<!-- bench:x --><!-- /bench:x -->'.repeat(2);
  assert.throws(() => replacePart(twice, 'x', 'new'), /once, not 2 times/);
  assert.throws(() => replacePart('<!-- bench:x --> and on', 'x', 'new'), /has no/);
});

test('the document has a place for whatever can be reported', () => {
  const parts = partsOf(readFileSync(DOCUMENT, 'utf8'));
  const wanted = ['fan-out', 'micro', ...studies.map(({name}) => `study-${name}`),
    ...axes.map(({name}) => `growth-${name}`)];
  assert.deepEqual(wanted.filter((name) => !parts.includes(name)), []);
});

const grown = (series, x, repeat, cpu, memory, failure = null) => ({cell: `${series} ${x}`, repeat,
  report: {failure, server_cpu_s: cpu, rss_bytes: memory, delivery: {exact: true, seconds: 10}}});
const part = {
  axis: 'clients',
  reason: null,
  cells: ['floor-single', 'trackwire'].flatMap((series) =>
    [1000, 2000, 3000].map((x) => ({name: `${series} ${x}`, series, x}))),
  records: [1000, 2000, 3000].flatMap((x) => [grown('floor-single', x, 1, x / 1000, 1e6),
    grown('trackwire', x, 1, x / 500, x * 1000), grown('trackwire', x, 2, x / 400, x * 1000)]),
};

test('points are medians with their spread, by server', () => {
  const [floor, ours] = seriesOf(part, quantities[0]);
  assert.equal(floor.name, 'bare loop, one call a message');
  assert.deepEqual(floor.points.map(({y}) => Math.round(y)), [10, 20, 30]);
  const {x, y, low, high} = ours.points[0];
  assert.deepEqual([x, low, high].map(Math.round), [1000, 20, 25]);
  assert.ok(y > low && y < high);
});

test('a run that failed is no point and is named', () => {
  const broken = {...part, records: [grown('trackwire', 1000, 1, 1, 1, 'fell over')]};
  assert.deepEqual(seriesOf(broken, quantities[0]), []);
  assert.deepEqual(plotsOf(broken), []);
  assert.match(axisText(broken), /- trackwire 1000: failed: fell over\./);
});

test('a straight line is told, a bent one is not called straight', () => {
  const clients = axes.find(({name}) => name === 'clients');
  const series = (ys) => ({name: 'ours', points: ys.map((y, i) => ({x: 1000 * (i + 1), y}))});
  assert.match(lineText(quantities[0], clients, series([7, 9, 11])),
    /CPU, ours: 5\.00 and 2\.00 more for 1,000 clients/);
  assert.match(lineText(quantities[0], clients, series([1, 100, 2])), /no straight line/);
  assert.match(lineText(quantities[0], clients, series([1, 2])), /too few points/);
});

test('a report of growth has tables, plots and where they are', () => {
  const machine = {cpu: 'A', processors: 2, kernel: '6', date: '2026-01-01T00:00:00Z', commit: 'c', load: 0};
  const {parts, plots} = reportOf({kind: 'growth', machine, repeats: 2, parts: [part]});
  assert.deepEqual(plots.map(({file}) => file), ['clients-cpu.svg', 'clients-memory.svg']);
  assert.match(parts.get('growth-clients'), /!\[CPU against clients\]\(images\/performance\/clients-cpu\.svg\)/);
  assert.match(parts.get('growth-clients'), /\| 1,000 \| 10\.0 \| 22\.5 \| 1\.0 \| 1\.0 \|/);
});

test('something else than results is refused', () => {
  assert.throws(() => reportOf({}), /no results/);
});
