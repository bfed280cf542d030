import assert from 'node:assert/strict';
import {test} from 'node:test';

import {escaped, lineChart} from './line_chart.mjs';
import {tickText, ticks} from './ticks.mjs';

test('ticks are round and reach the greatest value', () => {
  assert.deepEqual(ticks(10), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks(9500), [0, 2000, 4000, 6000, 8000, 10000]);
  assert.deepEqual(ticks(0.3), [0, 0.1, 0.2, 0.3]);
  assert.deepEqual(ticks(0), [0, 1]);
  for (const most of [0.0017, 3, 17, 99.9, 101, 123456]) {
    const all = ticks(most);
    assert.ok(all.at(-1) >= most && all.at(-2) < most, String(most));
    assert.ok(all.length <= 7, String(most));
  }
});

test('ticks are written with separators and without noise', () => {
  assert.equal(tickText(12500), '12,500');
  assert.equal(tickText(0.1 + 0.2), '0.3');
});

const chart = {
  title: 'CPU & clients',
  x: 'clients',
  y: 'CPU, % of a processor',
  series: [
    {name: 'ours', points: [{x: 1000, y: 10, low: 9, high: 12}, {x: 2000, y: 20}]},
    {name: 'the <loop>', points: [{x: 2000, y: 8}, {x: 1000, y: 4}]},
  ],
};

test('a chart tells its values to those who do not see it', () => {
  const svg = lineChart(chart);
  assert.match(svg, /role="img" aria-labelledby="title description"/);
  assert.match(svg, /<desc id="description">CPU, % of a processor against clients\. ours: 10 at 1,000, 20 at 2,000\./);
  assert.match(svg, /<title id="title">CPU &amp; clients<\/title>/);
  assert.match(svg, /the &lt;loop&gt;/);
});

test('both axes name what is on them, and colours follow the reader', () => {
  const svg = lineChart(chart);
  assert.match(svg, />clients<\/text>/);
  assert.match(svg, />CPU, % of a processor<\/text>/);
  assert.match(svg, /prefers-color-scheme: dark/);
});

test('lines run from left to right, within the axes, with the spread where there is one', () => {
  const svg = lineChart(chart);
  const lines = [...svg.matchAll(/<path class="line s\d" d="M([\d. L]+)"\/>/g)]
    .map(([, path]) => path.split('L').map((pair) => pair.split(' ').map(Number)));
  assert.equal(lines.length, 2);
  for (const line of lines) {
    assert.ok(line[0][0] < line[1][0]);
    assert.ok(line[0][1] > line[1][1], 'more is higher');
    for (const [x, y] of line) assert.ok(x >= 76 && x <= 616 && y >= 64 && y <= 344);
  }
  assert.equal([...svg.matchAll(/class="spread/g)].length, 1);
});

test('tags are balanced', () => {
  const svg = lineChart(chart).replace(/<style>[^<]*<\/style>/, '');
  const open = [];
  for (const [, end, name, self] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (self) continue;
    if (end) assert.equal(open.pop(), name);
    else open.push(name);
  }
  assert.deepEqual(open, []);
});

test('nothing to show and too much to tell apart are errors', () => {
  assert.throws(() => lineChart({...chart, series: []}), /nothing to show/);
  assert.throws(() => lineChart({...chart, series: Array(5).fill(chart.series[0])}), /too many/);
});

test('text is escaped for attributes, too', () => {
  assert.equal(escaped('"<&>"'), '&quot;&lt;&amp;&gt;&quot;');
});
