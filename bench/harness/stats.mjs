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
