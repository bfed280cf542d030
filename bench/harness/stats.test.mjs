import assert from 'node:assert/strict';
import {test} from 'node:test';

import {median, pairedRatio, spread} from './stats.mjs';
import {tables} from './table.mjs';

test('the median is in the middle, whatever the order', () => {
  assert.equal(median([3]), 3);
  assert.equal(median([10, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test('the spread runs from the least to the most', () => {
  assert.deepEqual(spread([2, 9, 4]), {median: 4, low: 2, high: 9});
});

test('ratios are taken within a repeat', () => {
  const slowMachineInRepeatTwo = new Map([[1, 10], [2, 40], [3, 12]]);
  const base = new Map([[1, 5], [2, 20], [3, 6]]);
  assert.equal(pairedRatio(slowMachineInRepeatTwo, base), 2);
  assert.equal(pairedRatio(new Map([[1, 10], [2, 40]]), new Map([[1, 5]])), 2);
  assert.ok(Number.isNaN(pairedRatio(new Map([[1, 10]]), new Map())));
});

function record(server, repeat, cpu, p50 = 1500) {
  return {
    server, scenario: 'a', repeat,
    report: {
      cpu_us_per_message: cpu,
      latency_us: {p50, p99: 2500},
      delivery: {exact: true, delivered_per_second: 1234567},
      connect: [{clients: 10, cpu_us_per_handshake: 3}, {clients: 30, cpu_us_per_handshake: 20}],
      bytes_per_client: 36,
      failure: null,
    },
  };
}

const shown = {
  scenarios: [{name: 'a', title: 'Scenario A'}],
  servers: [
    {name: 'floor-single', title: 'single', reason: null},
    {name: 'floor-coalesced', title: 'coalesced', reason: null},
    {name: 'ours', title: 'Ours', reason: null},
    {name: 'gone', title: 'Gone', reason: 'not installed'},
  ],
};

test('a row shows the median, its spread and the ratios to both floors', () => {
  const records = [record('floor-single', 1, 4), record('floor-coalesced', 1, 2),
    record('ours', 1, 5, 3000), record('floor-single', 2, 4), record('floor-coalesced', 2, 2),
    record('ours', 2, 7, 3000)];
  const text = tables({...shown, records});
  assert.match(text, /\| Ours \| 6\.00 \(5\.00 to 7\.00\) \| 1\.50 \| 3\.00 \| 1,234,567 \| 3\.0 \| 2\.00 \| 2\.5 \| 1\.00 \|/);
  assert.match(text, /\| Ours \| 36 \| 20\.0 \|/);
});

test('what is absent, failed or inexact is said, not guessed', () => {
  const inexact = record('floor-single', 1, 4);
  inexact.report.delivery.exact = false;
  inexact.report.failure = 'not all messages arrived in time';
  const text = tables({...shown, records: [inexact, {server: 'ours', scenario: 'a', repeat: 1,
    error: 'did not listen in time\nand more'}]});
  assert.match(text, /\| Gone \| absent: not installed \|/);
  assert.match(text, /\| Ours \| failed: did not listen in time \|/);
  assert.match(text, /\| single \| failed: not all messages arrived in time \|/);
});
