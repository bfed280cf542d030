// Sizes and results of the tests of exact delivery.

/** Whether the sizes that the documentation quotes are wanted instead of the quick ones. */
export const full = process.env.TRACKWIRE_TEST_SIZE === 'full';

/** `quick` in the daily run, `large` when TRACKWIRE_TEST_SIZE=full. */
export const sized = (quick, large) => (full ? large : quick);

/** `large` also in the daily run, but not where sanitizers make everything slow. */
export const unlessSmall = (small, large) =>
  (process.env.TRACKWIRE_TEST_SIZE === 'small' ? small : large);

/** A line for docs/reliability.md. */
export function print(test, figures) {
  console.log(`figures ${JSON.stringify({test, ...figures})}`);
}
