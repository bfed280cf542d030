// A saved run of studies as Markdown.
import {describeMachine} from '../harness/machine.mjs';
import {studies} from './studies.mjs';
import {studyTable} from './table.mjs';

/** @param {{study: string, reason: string | null, cells: object[], records: object[]}} part */
export function studyText(part) {
  const study = studies.find(({name}) => name === part.study);
  if (!study) throw new Error(`no study '${part.study}'`);
  const body = part.reason ? `Not measured: ${part.reason}.`
    : studyTable({...part, columns: study.columns});
  return `**${study.title}**\n\n${study.note}\n\n${body}\n`;
}

/** @param {object} run as bench/studies/main.mjs saves it */
export function runText(run) {
  const heading = `${describeMachine(run)}; server and generator on a processor each. Medians, in ` +
    'brackets the least and the most.';
  return `${heading}\n\n${run.parts.map(studyText).join('\n')}`;
}
