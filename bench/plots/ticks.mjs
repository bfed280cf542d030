// Where an axis has its marks, and how they are written.

const STEPS = [1, 2, 2.5, 5, 10];

/**
 * Round numbers from 0 to `most` or just above.
 * @param {number} most above 0
 * @param {number} wanted about so many steps
 * @returns {number[]}
 */
export function ticks(most, wanted = 5) {
  if (!(most > 0) || !Number.isFinite(most)) return [0, 1];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = STEPS.find((one) => one * power >= rough * (1 - 1e-9)) * power;
  const count = Math.ceil(most / step - 1e-9);
  // Multiplied, not added up: no error grows.
  return Array.from({length: count + 1}, (_, i) => Number((i * step).toPrecision(12)));
}

/** @returns {string} */
export function tickText(value) {
  return value.toLocaleString('en-US', {maximumFractionDigits: 3});
}
