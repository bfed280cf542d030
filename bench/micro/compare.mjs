// Compares two sets of micro-benchmark results and says which benchmarks became slower.
import {median} from '../harness/stats.mjs';

/** A benchmark counts as slower, or faster, when its median moved by more than this share. */
export const THRESHOLD = 0.1;

const NANOSECONDS = {ns: 1, us: 1e3, ms: 1e6, s: 1e9};

/**
 * What Google Benchmark printed as JSON, by benchmark.
 * @returns {Map<string, number[]>} nanoseconds of CPU an iteration, of each repetition
 */
export function timesOf(output) {
  const times = new Map();
  for (const run of output.benchmarks) {
    if (run.run_type !== 'iteration') continue;
    if (run.error_occurred) throw new Error(`${run.run_name}: ${run.error_message}`);
    const unit = NANOSECONDS[run.time_unit];
    if (!unit) throw new Error(`${run.run_name}: unknown unit of time '${run.time_unit}'`);
    if (!times.has(run.run_name)) times.set(run.run_name, []);
    times.get(run.run_name).push(run.cpu_time * unit);
  }
  return new Map([...times].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * `slower` needs both: a median above the old one by more than the threshold, and every repetition
 * above the old median, so that a few disturbed ones prove nothing. `faster` likewise.
 * @param {Map<string, number[]>} before
 * @param {Map<string, number[]>} after
 * @returns {{name: string, before?: number, after?: number, ratio?: number,
 *            verdict: 'same' | 'slower' | 'faster' | 'new' | 'gone'}[]}
 */
export function compare(before, after, threshold = THRESHOLD) {
  const rows = [...after].map(([name, times]) => {
    if (!before.has(name)) return {name, after: median(times), verdict: 'new'};
    return judge(name, before.get(name), times, threshold);
  });
  for (const [name, times] of before) {
    if (!after.has(name)) rows.push({name, before: median(times), verdict: 'gone'});
  }
  return rows;
}

function judge(name, before, after, threshold) {
  const base = median(before);
  const now = median(after);
  const ratio = now / base;
  let verdict = 'same';
  if (ratio > 1 + threshold && Math.min(...after) > base) verdict = 'slower';
  if (ratio < 1 / (1 + threshold) && Math.max(...after) < base) verdict = 'faster';
  return {name, before: base, after: now, ratio, verdict};
}

/** @returns {boolean} whether something became slower or can no longer be told */
export function regressed(rows) {
  return rows.some(({verdict}) => verdict === 'slower' || verdict === 'gone');
}

function nanoseconds(value) {
  if (value === undefined) return '-';
  return value.toLocaleString('en-US', {maximumFractionDigits: value < 100 ? 1 : 0});
}

/** @returns {string} Markdown */
export function comparisonTable(rows) {
  const lines = rows.map(({name, before, after, ratio, verdict}) =>
    `| ${name} | ${nanoseconds(before)} | ${nanoseconds(after)} | ` +
    `${ratio === undefined ? '-' : ratio.toFixed(2)} | ${verdict === 'same' ? '' : verdict} |`);
  return ['| benchmark | saved, ns | now, ns | ratio | |', '|---|---:|---:|---:|---|', ...lines]
    .join('\n');
}

/** @returns {string} Markdown */
export function timesTable(times) {
  const lines = [...times].map(([name, all]) => `| ${name} | ${nanoseconds(median(all))} | ` +
    `${nanoseconds(Math.min(...all))} | ${nanoseconds(Math.max(...all))} |`);
  return ['| benchmark | ns | least | most |', '|---|---:|---:|---:|', ...lines].join('\n');
}
