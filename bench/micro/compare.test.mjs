import assert from 'node:assert/strict';
import {test} from 'node:test';

import {compare, comparisonTable, regressed, timesOf, timesTable} from './compare.mjs';

const run = (name, cpu, unit = 'ns') =>
  ({run_name: name, run_type: 'iteration', cpu_time: cpu, time_unit: unit});

test('times are those of the repetitions, in nanoseconds', () => {
  const times = timesOf({benchmarks: [run('A', 5), run('A', 7), run('B', 2, 'us'),
    {run_name: 'A', run_type: 'aggregate', cpu_time: 6, time_unit: 'ns'}]});
  assert.deepEqual([...times], [['A', [5, 7]], ['B', [2000]]]);
});

test('an unknown unit and a benchmark that failed are errors', () => {
  assert.throws(() => timesOf({benchmarks: [run('A', 5, 'days')]}), /unknown unit/);
  assert.throws(() => timesOf({benchmarks: [
    {...run('A', 5), error_occurred: true, error_message: 'no key'}]}), /A: no key/);
});

const verdict = (before, after, threshold) =>
  compare(new Map([['A', before]]), new Map([['A', after]]), threshold)[0].verdict;

test('slower is what is slower in the middle and in every repetition', () => {
  assert.equal(verdict([100, 101, 99], [120, 121, 119]), 'slower');
  assert.equal(verdict([100, 101, 99], [105, 104, 106]), 'same');
  assert.equal(verdict([100, 101, 99], [105, 104, 106], 0.03), 'slower');
  assert.equal(verdict([100, 101, 99], [99, 150, 151]), 'same');
});

test('faster is told, too, and is no regression', () => {
  const rows = compare(new Map([['A', [100, 100]]]), new Map([['A', [50, 51]]]));
  assert.equal(rows[0].verdict, 'faster');
  assert.equal(regressed(rows), false);
});

test('a benchmark that is gone hides a regression, a new one does not', () => {
  const one = new Map([['A', [1]]]);
  const both = new Map([['A', [1]], ['B', [2]]]);
  assert.equal(regressed(compare(both, one)), true);
  assert.equal(regressed(compare(one, both)), false);
  assert.deepEqual(compare(one, both)[1], {name: 'B', after: 2, verdict: 'new'});
});

test('tables show medians, ratios and verdicts', () => {
  const before = new Map([['A', [100]], ['C', [1]]]);
  const after = new Map([['A', [150, 160, 140]], ['B', [12345.6]]]);
  const text = comparisonTable(compare(before, after));
  assert.match(text, /\| A \| 100 \| 150 \| 1\.50 \| slower \|/);
  assert.match(text, /\| B \| - \| 12,346 \| - \| new \|/);
  assert.match(text, /\| C \| 1 \| - \| - \| gone \|/);
  assert.match(timesTable(after), /\| A \| 150 \| 140 \| 160 \|/);
});
