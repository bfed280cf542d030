// The results of a study as Markdown: a row a cell, columns as the study names them.
import {pairedRatio, spread} from '../harness/stats.mjs';
import {failureOf} from '../harness/table.mjs';

/**
 * @typedef {object} Column
 * @property {string} title with its unit
 * @property {(record: object) => number | undefined} of undefined where it does not apply
 * @property {number} [digits] behind the point, 0 unless told otherwise
 * @property {string | ((cell: string) => string)} [ratioTo] name of a cell, or what gives it for the
 *   name of one: show the ratio to it, taken within each repeat
 */

/**
 * @param {{cells: {name: string, title: string, reason: string | null}[], columns: Column[],
 *          records: object[]}} study `reason` is why a cell is absent
 */
export function studyTable({cells, columns, records}) {
  const titles = ['', ...columns.map(({title}) => title)];
  const rows = cells.map((cell) => line([cell.title, ...cellsOf(cell, columns, records)]));
  return [line(titles), `|---|${columns.map(() => '---:').join('|')}|`, ...rows].join('\n');
}

const line = (cells) => `| ${cells.join(' | ')} |`;

function cellsOf(cell, columns, records) {
  const own = records.filter((record) => record.cell === cell.name);
  const failed = own.find((record) => failureOf(record) !== null);
  const only = (text) => [text, ...Array(columns.length - 1).fill('')];
  if (cell.reason) return only(`absent: ${cell.reason}`);
  if (failed) return only(`failed: ${failureOf(failed)}`);
  if (own.length === 0) return only('not measured');
  return columns.map((column) => shown(column, cell, own, records));
}

/** The cell that a column compares another with. */
export const baseOf = ({ratioTo}, cell) => (typeof ratioTo === 'function' ? ratioTo(cell) : ratioTo);

function shown(column, cell, own, records) {
  const values = byRepeat(column, own);
  if (values.size === 0) return '-';
  if (column.ratioTo) {
    const base = records.filter((record) =>
      record.cell === baseOf(column, cell.name) && failureOf(record) === null);
    return number(pairedRatio(values, byRepeat(column, base)), column.digits ?? 2);
  }
  const {median, low, high} = spread([...values.values()]);
  const digits = column.digits ?? 0;
  const text = number(median, digits);
  return values.size === 1 ? text : `${text} (${number(low, digits)} to ${number(high, digits)})`;
}

function byRepeat(column, records) {
  return new Map(records.map((record) => [record.repeat, column.of(record)])
    .filter(([, value]) => Number.isFinite(value)));
}

/** A number for people, `-` when it is none. */
export function number(value, digits) {
  if (!Number.isFinite(value)) return '-';
  return value.toLocaleString('en-US',
    {minimumFractionDigits: digits, maximumFractionDigits: digits});
}
