// What a second shard adds.
import {cpus} from 'node:os';

import {gateway} from '../harness/servers.mjs';
import {cpuPerMessage, deliveredPerSecond, ratio} from './columns.mjs';

const PROCESSORS = 4;

/** @type {import('./studies.mjs').Study} */
export const shards = {
  name: 'shards',
  title: 'Two shards: 10,000 clients, saturated',
  note: 'A processor for each shard, two others for two threads of the generator.',
  absent: () => (cpus().length >= PROCESSORS ? null :
    `it takes ${PROCESSORS} processors, two of them for the generator, and there are ` +
    `${cpus().length}: not measurable on this machine`),
  columns: [deliveredPerSecond, ratio(deliveredPerSecond, 'one', 'to one shard'), cpuPerMessage],
  cells(root, quick) {
    const load = ['--clients', '10000', '--threads', '2', '--mode', 'saturated', '--publishers',
      '4', '--window', '16', '--batch', '16', '--warmup', '1', '--duration', quick ? '2' : '5',
      '--drain', '30'];
    const cell = (name, title, threads, processors) => ({name, title, load, processors: '2,3',
      server: gateway(root, name, title, {threads, processors})});
    return [cell('one', 'one shard', 1, '0'), cell('two', 'two shards', 2, '0,1')];
  },
};
