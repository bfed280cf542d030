// Medians and ratios over the repeats of a run.

/** @returns {number} the median, NaN of nothing */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @returns {{median: number, low: number, high: number}} */
export function spread(numbers) {
  return {median: median(numbers), low: Math.min(...numbers), high: Math.max(...numbers)};
}

/**
 * The median of the ratios within each repeat: what a repeat's two runs shared, like the speed of
 * the machine at that moment, falls out. Repeats in which either is missing don't count.
 * @param {Map<number, number>} values by repeat
 * @param {Map<number, number>} base by repeat
 */
export function pairedRatio(values, base) {
  const ratios = [];
  for (const [repeat, value] of values) {
    if (base.has(repeat)) ratios.push(value / base.get(repeat));
  }
  return median(ratios);
}

/**
 * The straight line nearest to some points, by least squares.
 * @param {[number, number][]} points two different x at least, else null
 * @returns {{slope: number, intercept: number, worst: number} | null} `worst`: how far a point is off the
 *   line at most, as a share of the greatest |y|
 */
export function fitLine(points) {
  const mean = (pick) => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const x = mean((point) => point[0]);
  const y = mean((point) => point[1]);
  const spreadOfX = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  if (!(spreadOfX > 0)) return null;
  const slope = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spreadOfX;
  const intercept = y - slope * x;
  const greatest = Math.max(...points.map((point) => Math.abs(point[1])));
  const off = Math.max(...points.map((point) => Math.abs(point[1] - intercept - slope * point[0])));
  return {slope, intercept, worst: greatest > 0 ? off / greatest : 0};
}
