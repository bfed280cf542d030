// What results were measured on.
import {execFileSync} from 'node:child_process';
import {cpus, loadavg, release} from 'node:os';

/** Runnable processes in the last minute above which figures are not to be trusted. */
const BUSY = 0.5;

/** @returns {{cpu: string, processors: number, kernel: string, node: string, commit: string,
 *             date: string, load: number}} */
export function machine(root) {
  let commit = 'unknown';
  try {
    commit = execFileSync('git', ['-C', root, 'rev-parse', '--short=12', 'HEAD'],
      {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim();
  } catch {
    // Not a git checkout; the results are as good without.
  }
  return {cpu: cpus()[0].model, processors: cpus().length, kernel: release(),
    node: process.version, commit, date: new Date().toISOString(), load: loadavg()[0]};
}

/** Says on stderr that figures will be noisy, when they will. */
export function warnIfBusy() {
  if (loadavg()[0] > BUSY) console.error('   other programs use this machine: expect noise');
}

/** One line for people about a run: repeats and machine. */
export function describeMachine({machine: {cpu, processors, kernel, date, commit, load}, repeats}) {
  const busy = load > BUSY ? `; other work on the machine (load ${load.toFixed(1)})` : '';
  return `${repeats} repeat${repeats > 1 ? 's' : ''}, ${date.slice(0, 10)}, commit ${commit}, ` +
    `${processors} x ${cpu}, Linux ${kernel}${busy}`;
}
