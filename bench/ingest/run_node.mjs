import {runLoad} from '../harness/processes.mjs';

/** Runs a program of ours on the generator's processor; what it reports. */
export function runNode(script, options) {
  return runLoad(process.execPath, [script, JSON.stringify(options)], {}, []);
}
