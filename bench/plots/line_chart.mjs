// A line chart as an SVG file that stands for itself: light or dark as its reader likes it, told
// apart by shapes as well as by colours, with a description for those who don't see it.
import {tickText, ticks} from './ticks.mjs';

const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = {top: 64, right: 24, bottom: 56, left: 76};
const INNER = {width: WIDTH - MARGIN.left - MARGIN.right,
  height: HEIGHT - MARGIN.top - MARGIN.bottom};
const LEGEND_Y = 46;
const LEGEND_STEP = 190;
const MARK = 4;

const STYLE = `
  svg { background: #ffffff; font: 13px system-ui, sans-serif; }
  text { fill: #1f2430; } .title { font-size: 15px; font-weight: 600; }
  .grid { stroke: #d9dde5; } .axis { stroke: #5b6475; }
  .line { fill: none; stroke-width: 2; } .spread { stroke-width: 1; }
  .s0 { stroke: #0b62c4; } .s1 { stroke: #b3470c; } .s2 { stroke: #1d7a3e; } .s3 { stroke: #7a3fb0; }
  .m { stroke-width: 2; fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    svg { background: #14171d; } text { fill: #e6e9ef; }
    .grid { stroke: #333a46; } .axis { stroke: #97a1b3; } .m { fill: #14171d; }
    .s0 { stroke: #6cb2ff; } .s1 { stroke: #ff9d5c; } .s2 { stroke: #6fd394; } .s3 { stroke: #cf9dff; }
  }`;
const COLOURS = 4;

const MARKS = [
  (x, y) => `<circle cx="${x}" cy="${y}" r="${MARK}"`,
  (x, y) => `<rect x="${x - MARK}" y="${y - MARK}" width="${2 * MARK}" height="${2 * MARK}"`,
  (x, y) => `<path d="M${x} ${y - MARK - 1}L${x + MARK + 1} ${y + MARK}H${x - MARK - 1}Z"`,
  (x, y) => `<path d="M${x} ${y - MARK - 1}l${MARK + 1} ${MARK + 1}l${-MARK - 1} ${MARK + 1}` +
    `l${-MARK - 1} ${-MARK - 1}Z"`,
];

/** @returns {string} text as XML has it */
export function escaped(text) {
  return String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const round = (value) => Number(value.toFixed(1));

/**
 * @typedef {{x: number, y: number, low?: number, high?: number}} Point
 * @param {{title: string, x: string, y: string, series: {name: string, points: Point[]}[]}} chart
 *   `x` and `y` name what is on the axes, with units; at most four series
 * @returns {string}
 */
export function lineChart(chart) {
  const {title, series} = chart;
  if (series.length > COLOURS) throw new Error(`${title}: too many series`);
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) throw new Error(`${title}: nothing to show`);
  const xTicks = ticks(Math.max(...points.map(({x}) => x)));
  const yTicks = ticks(Math.max(...points.map(({y, high}) => high ?? y)));
  const farthest = Math.max(xTicks.at(-1), ...points.map(({x}) => x));
  const place = {
    x: (value) => round(MARGIN.left + value / farthest * INNER.width),
    y: (value) => round(MARGIN.top + INNER.height - value / yTicks.at(-1) * INNER.height),
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" ` +
      `height="${HEIGHT}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(describe(chart))}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<text class="title" x="${MARGIN.left}" y="24">${escaped(title)}</text>`,
    ...axes(chart, xTicks, yTicks, place),
    ...series.map((one, i) => curve(one, i, place)),
    ...series.map((one, i) => legend(one.name, i)),
    '</svg>',
    '',
  ].join('\n');
}

// All the values: whoever does not see the lines can read them.
function describe({x, y, series}) {
  const values = ({name, points}) => `${name}: ` +
    points.map((point) => `${tickText(point.y)} at ${tickText(point.x)}`).join(', ');
  return `${y} against ${x}. ${series.map(values).join('. ')}.`;
}

function axes(chart, xTicks, yTicks, place) {
  const bottom = MARGIN.top + INNER.height;
  const right = MARGIN.left + INNER.width;
  const lines = yTicks.map((value) =>
    `<path class="${value === 0 ? 'axis' : 'grid'}" d="M${MARGIN.left} ${place.y(value)}H${right}"/>` +
    `<text x="${MARGIN.left - 8}" y="${place.y(value) + 4}" text-anchor="end">` +
    `${tickText(value)}</text>`);
  const marks = xTicks.map((value) =>
    `<path class="axis" d="M${place.x(value)} ${bottom}v5"/>` +
    `<text x="${place.x(value)}" y="${bottom + 20}" text-anchor="middle">${tickText(value)}</text>`);
  const middle = MARGIN.top + INNER.height / 2;
  return [...lines, ...marks,
    `<path class="axis" d="M${MARGIN.left} ${MARGIN.top}V${bottom}"/>`,
    `<text x="${MARGIN.left + INNER.width / 2}" y="${HEIGHT - 12}" text-anchor="middle">` +
      `${escaped(chart.x)}</text>`,
    `<text transform="translate(18 ${middle}) rotate(-90)" text-anchor="middle">` +
      `${escaped(chart.y)}</text>`];
}

function curve({points}, index, place) {
  const sorted = [...points].sort((a, b) => a.x - b.x);
  const at = sorted.map(({x, y}) => [place.x(x), place.y(y)]);
  const spreads = sorted.filter(({low, high}) => high > low).map(({x, low, high}) =>
    `<path class="spread s${index}" d="M${place.x(x)} ${place.y(low)}V${place.y(high)}"/>`);
  const marks = at.map(([x, y]) => `${MARKS[index](x, y)} class="m s${index}"/>`);
  return [`<path class="line s${index}" d="M${at.map((pair) => pair.join(' ')).join('L')}"/>`,
    ...spreads, ...marks].join('\n');
}

function legend(name, index) {
  const x = MARGIN.left + index * LEGEND_STEP;
  return `<path class="line s${index}" d="M${x} ${LEGEND_Y}h24"/>` +
    `${MARKS[index](x + 12, LEGEND_Y)} class="m s${index}"/>` +
    `<text x="${x + 32}" y="${LEGEND_Y + 4}">${escaped(name)}</text>`;
}
