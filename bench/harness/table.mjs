// The results as Markdown, as docs/performance.md shows them.
import {pairedRatio, spread} from './stats.mjs';

const SINGLE = 'floor-single';
const COALESCED = 'floor-coalesced';

/**
 * @param {{scenarios: {name: string, title: string}[],
 *          servers: {name: string, title: string, reason: string | null}[],
 *          records: object[]}} run `reason` is why a server is absent
 * @returns {string}
 */
export function tables(run) {
  return [...run.scenarios.map((scenario) => scenarioTable(run, scenario)), idleTable(run)]
    .join('\n');
}

/** Why a record's figures don't count; null when they do. */
export function failureOf(record) {
  if (record.error) return record.error.split('\n')[0];
  const {delivery, failure} = record.report;
  if (failure) return failure;
  if (delivery.exact) return null;
  return `${delivery.missing} missing, ${delivery.reordered} reordered, ` +
    `${delivery.duplicated} duplicated, ${delivery.lost_clients} clients lost`;
}

function scenarioTable(run, scenario) {
  const columns = ['', 'CPU per message, us', 'to one a call', 'to 16 a call', 'messages/s',
    'p50, ms', 'to one a call', 'p99, ms', 'to one a call'];
  const rows = run.servers.map((server) =>
    row(run, server, scenario.name, columns.length, (good) => figures(run, scenario.name, good)));
  return [`**${scenario.title}**`, '', ...heading(columns), ...rows, ''].join('\n');
}

function idleTable(run) {
  const columns = ['', 'memory per idle client, B', 'CPU per handshake, us'];
  const withSteps = new Set(run.records
    .filter((r) => r.report && r.report.bytes_per_client !== null).map((r) => r.scenario));
  if (withSteps.size === 0) return '';
  const [name] = withSteps;
  const rows = run.servers.map((server) => row(run, server, name, columns.length, (good) => [
    number(spread(good.map((r) => r.report.bytes_per_client)).median, 0),
    number(spread(good.map(handshakeCpu)).median, 1),
  ]));
  return ['**Idle clients**', '', ...heading(columns), ...rows, ''].join('\n');
}

// Of the largest step: the first one also warms the server up.
function handshakeCpu(record) {
  const steps = record.report.connect;
  const added = steps.map((step, i) => step.clients - (i > 0 ? steps[i - 1].clients : 0));
  return steps[added.indexOf(Math.max(...added))].cpu_us_per_handshake;
}

function row(run, server, scenario, width, cells) {
  const records = run.records.filter((r) => r.server === server.name && r.scenario === scenario);
  const good = records.filter((r) => failureOf(r) === null);
  const failed = records.find((r) => failureOf(r) !== null);
  let shown = [];
  if (server.reason) {
    shown = [`absent: ${server.reason}`];
  } else if (failed) {
    shown = [`failed: ${failureOf(failed)}`];
  } else if (good.length > 0) {
    shown = cells(good);
  }
  while (shown.length < width - 1) shown.push('');
  return line([server.title, ...shown]);
}

const cpuOf = (record) => record.report.cpu_us_per_message;
const p50Of = (record) => record.report.latency_us.p50;
const p99Of = (record) => record.report.latency_us.p99;

function figures(run, scenario, good) {
  const cpu = spread(good.map(cpuOf));
  const middle = (pick) => spread(good.map(pick)).median;
  const ratioTo = (floor, pick) => number(ratio(run, scenario, good, floor, pick), 2);
  return [
    `${number(cpu.median, 2)} (${number(cpu.low, 2)} to ${number(cpu.high, 2)})`,
    ratioTo(SINGLE, cpuOf),
    ratioTo(COALESCED, cpuOf),
    number(middle((record) => record.report.delivery.delivered_per_second), 0),
    number(middle(p50Of) / 1000, 1),
    ratioTo(SINGLE, p50Of),
    number(middle(p99Of) / 1000, 1),
    ratioTo(SINGLE, p99Of),
  ];
}

function ratio(run, scenario, good, floor, pick) {
  const byRepeat = (records) => new Map(records.map((record) => [record.repeat, pick(record)]));
  const base = run.records.filter((record) =>
    record.server === floor && record.scenario === scenario && failureOf(record) === null);
  return pairedRatio(byRepeat(good), byRepeat(base));
}

function number(value, digits) {
  if (!Number.isFinite(value)) return '-';
  return value.toLocaleString('en-US',
    {minimumFractionDigits: digits, maximumFractionDigits: digits});
}

const line = (cells) => `| ${cells.join(' | ')} |`;
const heading = (columns) =>
  [line(columns), `|${columns.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`];
