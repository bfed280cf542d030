// Clients who each look at a part of the map.
import {gateway} from '../harness/servers.mjs';
import {cpuPerMessage, cpuPerNotification, deliveredPerSecond, p99} from './columns.mjs';

const BASE = {clients: 10_000, trackers: 100_000, rate: 1000, degrees: 10};
/** One size changes, the others are those of the base. */
const CHANGES = [{}, {clients: 1000}, {clients: 5000}, {trackers: 1000}, {trackers: 10_000},
  {rate: 250}, {rate: 500}, {degrees: 2.5}, {degrees: 5}];

const listeners = {title: 'listeners of a position', digits: 1,
  of: ({report}) => report.delivery.delivered / report.delivery.published};

const count = (value) => value.toLocaleString('en-US');

/** @type {import('./studies.mjs').Study} */
export const boxes = {
  name: 'boxes',
  title: 'Bounding boxes',
  note: 'Trackers stand spread over the map between 60 degrees south and north; each client subscribes ' +
    'to a square box somewhere, and is checked to get what happens in it and nothing else. The ' +
    'first row is the base, in each other one size differs.',
  columns: [listeners, deliveredPerSecond, cpuPerNotification, cpuPerMessage, p99],
  cells(root, quick) {
    const changes = quick ? CHANGES.filter((_, i) => [0, 1, 3, 5, 7].includes(i)) : CHANGES;
    return changes.map((change) => {
      const {clients, trackers, rate, degrees} = {...BASE, ...change};
      const title = `${count(clients)} clients, ${count(trackers)} trackers, ${rate}/s, ` +
        `${degrees} degrees`;
      return {name: title, title, server: gateway(root), load: ['--clients', String(clients),
        '--trackers', String(trackers), '--rate', String(rate), '--box-degrees', String(degrees),
        '--mode', 'rate', '--batch', '64', '--warmup', '2', '--duration', quick ? '4' : '8',
        '--drain', '30']};
    });
  },
};
