// Growth as Markdown and plots: CPU and memory against one quantity each.
import {describeMachine} from '../harness/machine.mjs';
import {fitLine, spread} from '../harness/stats.mjs';
import {failureOf} from '../harness/table.mjs';
import {lineChart} from '../plots/line_chart.mjs';
import {number} from '../studies/table.mjs';
import {axes} from './axes.mjs';

const MEGA = 1e6;
/** Off the line by more than this share of the greatest value, it is not called straight. */
const STRAIGHT = 0.1;

export const quantities = [
  {name: 'cpu', title: 'CPU', unit: '% of a processor', digits: 1,
    of: ({report}) => report.server_cpu_s / report.delivery.seconds * 100},
  {name: 'memory', title: 'Memory', unit: 'MB resident', digits: 1,
    of: ({report}) => report.rss_bytes / MEGA},
];

const SERIES = {'floor-single': 'bare loop, one call a message', trackwire: 'Trackwire gateway'};

/**
 * @param {{axis: string, cells: {name: string, series: string, x: number}[],
 *          records: object[]}} part
 * @returns {{name: string, points: {x: number, y: number, low: number, high: number}[]}[]} what
 *   was measured of a quantity; a point without a good run is left out
 */
export function seriesOf(part, quantity) {
  const byName = new Map();
  for (const cell of part.cells) {
    const values = part.records
      .filter((record) => record.cell === cell.name && failureOf(record) === null)
      .map(quantity.of);
    if (values.length === 0) continue;
    const {median, low, high} = spread(values);
    if (!byName.has(cell.series)) byName.set(cell.series, []);
    byName.get(cell.series).push({x: cell.x, y: median, low, high});
  }
  return [...byName].map(([name, points]) => ({name: SERIES[name] ?? name, points}));
}

const axisOf = (part) => {
  const axis = axes.find(({name}) => name === part.axis);
  if (!axis) throw new Error(`nothing grows that is called '${part.axis}'`);
  return axis;
};

/** @returns {{file: string, title: string, svg: string}[]} */
export function plotsOf(part) {
  const axis = axisOf(part);
  return quantities.map((quantity) => ({quantity, series: seriesOf(part, quantity)}))
    .filter(({series}) => series.length > 0)
    .map(({quantity, series}) => {
      const title = `${quantity.title} against ${axis.unit}`;
      return {file: `${axis.name}-${quantity.name}.svg`, title, svg: lineChart({title, x: axis.unit,
        y: `${quantity.title}, ${quantity.unit}`, series})};
    });
}

/** What a line through the points says, or that there is none. */
export function lineText(quantity, axis, {name, points}) {
  const fit = fitLine(points.map(({x, y}) => [x, y]));
  if (!fit || points.length < 3) return `${quantity.title}, ${name}: too few points for a line.`;
  const share = number(fit.worst * 100, 0);
  if (fit.worst > STRAIGHT) {
    return `${quantity.title}, ${name}: no straight line, off by up to ${share} % of the greatest.`;
  }
  const per = axis.per === 1 ? axis.unit : `${axis.per.toLocaleString('en-US')} ${axis.unit}`;
  const [start, slope] = [fit.intercept, fit.slope * axis.per].map((value) => number(value, 2));
  return `${quantity.title}, ${name}: ${start} and ${slope} more for ${per} (${quantity.unit}), off ` +
    `by ${share} % of the greatest at most.`;
}

/**
 * @param {(file: string) => string} [image] where a plot is; without it plots are left out
 */
export function axisText(part, image) {
  const axis = axisOf(part);
  const columns = quantities.flatMap((quantity) => seriesOf(part, quantity)
    .map(({name, points}) => ({quantity, title: `${quantity.title}, ${quantity.unit}: ${name}`,
      points})));
  const xs = [...new Set(part.cells.map(({x}) => x))];
  const rows = xs.map((x) => [x.toLocaleString('en-US'), ...columns.map(({quantity, points}) =>
    number(points.find((point) => point.x === x)?.y, quantity.digits))]);
  const lines = quantities.flatMap((quantity) => seriesOf(part, quantity)
    .map((series) => `- ${lineText(quantity, axis, series)}`));
  const failed = part.records.filter((record) => failureOf(record) !== null)
    .map((record) => `- ${record.cell}: failed: ${failureOf(record)}.`);
  const images = image ? plotsOf(part).map(({file, title}) => `![${title}](${image(file)})`) : [];
  const reason = part.reason ? [`Not measured: ${part.reason}.`, ''] : [];
  return [`**${axis.title}** (${axis.fixed})`, '', ...reason,
    ...table([axis.unit, ...columns.map(({title}) => title)], rows), '', ...lines, ...failed, '',
    ...(images.length > 0 ? [images.join('\n'), ''] : [])].join('\n');
}

function table(titles, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---:').join('|')}|`, ...rows.map(line)];
}

/** @param {object} run as bench/growth/main.mjs saves it */
export function growthText(run, image) {
  return `${describeMachine(run)}; server and generator on a processor each.\n\n` +
    run.parts.map((part) => axisText(part, image)).join('\n');
}
