import assert from 'node:assert/strict';
import {test} from 'node:test';

import {studies} from './studies.mjs';
import {baseOf, studyTable} from './table.mjs';
import {studyText} from './text.mjs';

const record = (cell, repeat, value, failure = null) =>
  ({cell, repeat, report: {value, failure, delivery: {exact: true}}});
const value = {title: 'value, us', digits: 1, of: ({report}) => report.value};
const cells = [{name: 'base', title: 'Base', reason: null}, {name: 'ours', title: 'Ours', reason: null}];

test('a cell shows its median and spread, and ratios within repeats', () => {
  const text = studyTable({cells, columns: [value, {...value, title: 'to base', digits: 2, ratioTo: 'base'}],
    records: [record('base', 1, 10), record('ours', 1, 20), record('base', 2, 100), record('ours', 2, 300),
      record('base', 3, 10), record('ours', 3, 20)]});
  assert.match(text, /\| Base \| 10\.0 \(10\.0 to 100\.0\) \| 1\.00 \|/);
  assert.match(text, /\| Ours \| 20\.0 \(20\.0 to 300\.0\) \| 2\.00 \|/);
});

test('what is absent, failed or not measured is said', () => {
  const text = studyTable({columns: [value, value], records: [record('ours', 1, 1, 'fell over')],
    cells: [{name: 'gone', title: 'Gone', reason: 'not installed'}, ...cells]});
  assert.match(text, /\| Gone \| absent: not installed \|  \|/);
  assert.match(text, /\| Base \| not measured \|  \|/);
  assert.match(text, /\| Ours \| failed: fell over \|  \|/);
});

test('a column that does not apply to a server is a dash', () => {
  const metric = {title: 'counted', of: ({metrics}) => metrics?.counted};
  const text = studyTable({cells, columns: [metric],
    records: [record('base', 1, 1), {...record('ours', 1, 1), metrics: {counted: 7}}]});
  assert.match(text, /\| Base \| - \|/);
  assert.match(text, /\| Ours \| 7 \|/);
});

test('each study has a name of its own, and cells with names of their own', () => {
  assert.equal(new Set(studies.map(({name}) => name)).size, studies.length);
  for (const study of studies) {
    for (const quick of [true, false]) {
      const names = study.cells('/', quick).map(({name}) => name);
      assert.ok(names.length > 0, study.name);
      assert.equal(new Set(names).size, names.length, study.name);
    }
  }
});

test('ratios are to cells that there are', () => {
  for (const study of studies) {
    const names = study.cells('/', true).map(({name}) => name);
    for (const column of study.columns.filter(({ratioTo}) => ratioTo)) {
      for (const name of names) {
        assert.ok(names.includes(baseOf(column, name)), `${study.name}: ${baseOf(column, name)}`);
      }
    }
  }
});

test('a study that cannot be measured here says why', () => {
  const text = studyText({study: 'shards', reason: 'too few processors', cells: [], records: []});
  assert.match(text, /Not measured: too few processors\./);
});
