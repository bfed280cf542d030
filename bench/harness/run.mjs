// What the programs behind script/bench share.
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** Ends the program over wrong usage. */
export function fail(message) {
  console.error(`error: ${message}`);
  process.exit(2);
}

/** @returns {number} the value of an option, or ends the program */
export function wholeNumber(option, text, least, most) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  return fail(`${option} takes ${least} to ${most}`);
}

/**
 * @param {object} run raw results that grow
 * @returns {() => void} writes them to their file in bench/results/: to be called after every
 *   measurement, so that what was measured is not lost when the rest is cut short
 */
export function resultSaver(root, run) {
  const folder = join(root, 'bench/results');
  mkdirSync(folder, {recursive: true});
  const file = join(folder, `${run.machine.date.replace(/[:.]/g, '-')}-${run.kind}.json`);
  console.error(`   raw results: ${file}`);
  return () => writeFileSync(file, `${JSON.stringify(run, null, 1)}\n`);
}
