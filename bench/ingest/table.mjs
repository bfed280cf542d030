/** A number for people; `-` where there is none. */
export function number(value, digits) {
  if (!Number.isFinite(value)) return '-';
  return value.toLocaleString('en-US',
    {minimumFractionDigits: digits, maximumFractionDigits: digits});
}

/** A table as Markdown; short rows are filled up. */
export function table(title, columns, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const full = rows.map((row) => [...row, ...Array(columns.length - row.length).fill('')]);
  return [`**${title}**`, '', line(columns),
    `|${columns.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`, ...full.map(line), '']
    .join('\n');
}
