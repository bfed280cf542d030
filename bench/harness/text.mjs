import {describeMachine} from './machine.mjs';

/** What stands above the tables of the fan-out. */
export function runDescription(run) {
  return `${describeMachine(run)}; server and generator on a processor each. Medians, in brackets ` +
    'the least and the most; "to" is the ratio to a bare loop.\n';
}
