// What saved results say, by the part of docs/performance.md that says it.
import {runDescription} from '../harness/text.mjs';
import {tables} from '../harness/table.mjs';
import {describeMachine} from '../harness/machine.mjs';
import {axisText, plotsOf} from '../growth/text.mjs';
import {timesTable} from '../micro/compare.mjs';
import {studyText} from '../studies/text.mjs';

/** Where plots are, as seen from the document. */
const IMAGES = 'images/performance';

/**
 * @param {object} run raw results of any kind
 * @returns {{parts: Map<string, string>, plots: {file: string, svg: string}[]}} throws when it is
 *   of no kind that is known
 */
export function reportOf(run) {
  switch (run.kind) {
    case 'fan-out':
      return {parts: new Map([['fan-out', `${runDescription(run)}\n${tables(run)}`]]), plots: []};
    case 'studies': {
      const heading = describeMachine(run);
      return {plots: [], parts: new Map(run.parts.map((part) =>
        [`study-${part.study}`, `${studyText(part)}\n(${heading}.)`]))};
    }
    case 'growth': {
      const heading = describeMachine(run);
      return {plots: run.parts.flatMap(plotsOf), parts: new Map(run.parts.map((part) =>
        [`growth-${part.axis}`,
          `${axisText(part, (file) => `${IMAGES}/${file}`)}\n(${heading}.)`]))};
    }
    case 'micro':
      return {plots: [], parts: new Map([['micro',
        `${describeMachine(run)}; nanoseconds of CPU.\n\n` +
        timesTable(new Map(Object.entries(run.times)))]])};
    default:
      throw new Error('these are no results of script/bench');
  }
}
