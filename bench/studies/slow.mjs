// What those who stop reading cost the others.
import {gateway} from '../harness/servers.mjs';
import {cpuPerMessage, metric, p50, p99, peakMemory, ratio} from './columns.mjs';

const READERS = 9000;
const STALLED = 1000;
/** Small, so that a minute is enough to meet them. */
const LIMITS = {'limits.conflate_above_bytes': 20_000, 'limits.max_backlog_bytes': 100_000};

/** @type {import('./studies.mjs').Study} */
export const slow = {
  name: 'slow',
  title: 'Slow clients: 1,000 of 10,000 stop reading',
  note: `Positions of 2.5 kB, 4 a second to everybody. Of 10,000 clients 1,000 stop reading as ` +
    `positions begin to flow. Caps: positions of a tracker replace each other above ` +
    `${LIMITS['limits.conflate_above_bytes'].toLocaleString('en-US')} B of backlog, clients are ` +
    `dropped above ${LIMITS['limits.max_backlog_bytes'].toLocaleString('en-US')} B. With few ` +
    'trackers a backlog holds the newest position of each, with many it meets the cap. Latency is ' +
    'that of the 9,000.',
  columns: [p50, p99, ratio(p99, 'none', 'p99 to nobody slow'), cpuPerMessage, peakMemory,
    metric('trackwire_notifications_conflated_total', 'conflated'),
    metric('trackwire_slow_disconnects_total', 'dropped')],
  cells(root, quick) {
    const load = ['--mode', 'rate', '--rate', '4', '--payload-bytes', '2500', '--warmup',
      quick ? '15' : '25', '--duration', quick ? '10' : '20', '--drain', '30'];
    const cell = (name, title, stalled, trackers) => ({name, title,
      server: gateway(root, name, title, {set: LIMITS}),
      load: ['--clients', String(READERS + stalled), '--stalled', String(stalled), '--trackers',
        String(trackers), ...load]});
    return [
      cell('none', 'nobody slow', 0, 1000),
      cell('few-trackers', '1,000 slow, 10 trackers', STALLED, 10),
      cell('many-trackers', '1,000 slow, 1,000 trackers', STALLED, 1000),
    ];
  },
};
