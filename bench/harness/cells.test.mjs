import assert from 'node:assert/strict';
import {test} from 'node:test';

import {runCells} from './cells.mjs';
import {fitLine} from './stats.mjs';

const good = {delivery: {exact: true}, failure: null};
const cell = (name) => ({name, title: name});

async function run({cells = [cell('a'), cell('b')], repeats = 2, deadline = Infinity, took = () => 1,
  report = () => good}) {
  let clock = 0;
  const order = [];
  const records = [];
  await runCells({cells, repeats, deadline, now: () => clock, say: () => {},
    keep: (record) => records.push(record),
    measure: async ({name}, repeat) => {
      order.push(`${name}${repeat}`);
      clock += took(name);
      return {cell: name, repeat, report: report(name)};
    }});
  return {order, records};
}

test('the cells of a repeat follow each other', async () => {
  const {order, records} = await run({});
  assert.deepEqual(order, ['a1', 'b1', 'a2', 'b2']);
  assert.equal(records.length, 4);
});

test('what failed is not tried again', async () => {
  const broken = {delivery: {exact: true}, failure: 'gone'};
  const {order} = await run({report: (name) => (name === 'a' ? broken : good)});
  assert.deepEqual(order, ['a1', 'b1', 'b2']);
});

test('nothing is begun that would probably not end in time', async () => {
  const {order} = await run({repeats: 3, deadline: 35, took: () => 10});
  assert.deepEqual(order, ['a1', 'b1', 'a2']);
});

test('a line through points on a line is that line', () => {
  const fit = fitLine([[1, 5], [2, 7], [4, 11]]);
  assert.ok(Math.abs(fit.slope - 2) < 1e-9 && Math.abs(fit.intercept - 3) < 1e-9);
  assert.ok(fit.worst < 1e-9);
});

test('how far off the line points are is told as a share of the greatest', () => {
  const fit = fitLine([[0, 0], [1, 10], [2, 0]]);
  assert.ok(Math.abs(fit.slope) < 1e-9);
  assert.ok(Math.abs(fit.worst - 2 / 3) < 1e-9);
});

test('there is no line through a single x, and none is made up', () => {
  assert.equal(fitLine([[3, 1], [3, 2]]), null);
  assert.equal(fitLine([]), null);
  assert.deepEqual(fitLine([[0, 0], [1, 0]]), {slope: 0, intercept: 0, worst: 0});
});
