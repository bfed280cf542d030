/** A number for people; `-` where there is none. */
export function number(value, digits) {
  if (!Number.isFinite(value)) return '-';
  return value.toLocaleString('en-US',
    {minimumFractionDigits: digits, maximumFractionDigits: digits});
}

/** The row that `measure` gives, or why there is none: one failure does not take the others along. */
export async function rowOf(label, absent, measure) {
  if (absent) return [label, `absent: ${absent}`];
  try {
    return [label, ...await measure()];
  } catch (error) {
    process.exitCode = 1;
    return [label, `failed: ${error.message.split('\n')[0]}`];
  }
}

/** A table as Markdown; short rows are filled up. */
export function table(title, columns, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const full = rows.map((row) => [...row, ...Array(columns.length - row.length).fill('')]);
  return [`**${title}**`, '', line(columns),
    `|${columns.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`, ...full.map(line), '']
    .join('\n');
}
