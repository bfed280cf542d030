/** Points of a line chart, scaled into a box; y grows downwards. */
export function chartPoints(
  values: ReadonlyArray<{ at: number; value: number }>,
  width: number,
  height: number,
  maxValue: number,
): Array<[x: number, y: number]> {
  const first = values[0]?.at ?? 0;
  const span = Math.max(1e-9, (values[values.length - 1]?.at ?? 0) - first);
  const top = Math.max(1e-9, maxValue);
  return values.map(({ at, value }) => [
    ((at - first) / span) * width,
    height - (Math.max(0, value) / top) * height,
  ]);
}

/** An SVG path through the points. */
export function linePath(points: ReadonlyArray<readonly [number, number]>): string {
  return points
    .map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('');
}
