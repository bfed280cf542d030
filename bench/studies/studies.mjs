// All studies: questions about the gateway that the four scenarios of the fan-out do not answer.
import {boxes} from './boxes.mjs';
import {idle} from './idle.mjs';
import {redisIntake} from './redis.mjs';
import {shards} from './shards.mjs';
import {slow} from './slow.mjs';
import {stormStudy} from './storm.mjs';
import {tls} from './tls.mjs';

/**
 * @typedef {object} Study
 * @property {string} name
 * @property {string} title of its table
 * @property {string} note what was done, for readers of the table
 * @property {() => string | null} [absent] why it cannot be measured on this machine
 * @property {import('./table.mjs').Column[]} columns
 * @property {(root: string, quick: boolean) => import('../harness/cells.mjs').Cell[]} cells
 */

/** @type {Study[]} */
export const studies = [idle, stormStudy, redisIntake, shards, slow, boxes, tls];
