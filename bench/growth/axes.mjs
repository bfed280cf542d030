// What grows: one quantity at a time, while the others stay.
import {floor, gateway} from '../harness/servers.mjs';

const KILO = 1000;
/** Enough for a tenth of a second of what comes in, so that nothing waits for answers. */
const FLOWING = ['--window', '8192', '--batch', '256'];

const rate = (perSecond, warmup, duration) => ['--mode', 'rate', '--rate', String(perSecond),
  '--warmup', String(warmup), '--duration', String(duration), '--drain', '30'];

/**
 * @typedef {object} Axis
 * @property {string} name
 * @property {string} title
 * @property {string} unit of the axis, as a plot and a slope name it
 * @property {string} fixed what stays, for people
 * @property {number} per a slope is told for so many of it
 * @property {number[]} points
 * @property {number[]} few those of a quick run
 * @property {boolean} [withFloor] measured on the bare loop, too
 * @property {(value: number, quick: boolean) => string[]} load
 * @property {(value: number) => import('../harness/gateway.mjs').Setup} [setup]
 */

/** @type {Axis[]} */
export const axes = [
  {
    name: 'clients', title: 'Clients', unit: 'clients', per: KILO, withFloor: true,
    fixed: 'one notification a second, to everybody',
    points: [1000, 2500, 5000, 7500, 10_000, 15_000], few: [1000, 5000, 10_000],
    load: (value, quick) => ['--clients', String(value), ...rate(1, 2, quick ? 4 : 8)],
  },
  {
    name: 'rate', title: 'Notification rate', unit: 'notifications/s', per: 1, withFloor: true,
    fixed: '1,000 clients, everything to everybody',
    points: [1, 5, 10, 20, 40, 60], few: [1, 20, 40],
    load: (value, quick) => ['--clients', '1000', ...rate(value, 1, quick ? 3 : 6)],
  },
  {
    name: 'trackers', title: 'Trackers', unit: 'trackers', per: KILO,
    fixed: '10,000 notifications/s about them in turn, to five clients; each tracker was heard of ' +
      'before measuring',
    points: [100, 10_000, 25_000, 50_000, 100_000], few: [100, 25_000, 50_000],
    load: (value, quick) => ['--clients', '5', '--trackers', String(value), ...FLOWING,
      ...rate(10_000, Math.ceil(value / 10_000) + 1, quick ? 3 : 6)],
  },
  {
    name: 'rooms', title: 'Rooms per client', unit: 'rooms per client', per: 100,
    fixed: '1,000 clients that subscribe to so many trackers, ten notifications a second about one ' +
      'of them',
    points: [1, 50, 100, 250, 500, 1000], few: [1, 100, 500],
    load: (value, quick) => ['--clients', '1000', '--rooms', String(value), '--trackers', '1',
      ...rate(10, 1, quick ? 3 : 6)],
    setup: (value) => ({announce: value}),
  },
  {
    name: 'gateways', title: 'Gateways', unit: 'gateways', per: 1,
    fixed: '2,000 clients shared among them, ten notifications a second to everybody; one Redis, ' +
      'all gateways on one processor',
    points: [1, 2, 3, 4], few: [1, 2, 3],
    load: (value, quick) => ['--clients', '2000', ...rate(10, 2, quick ? 3 : 6)],
    setup: (value) => ({gateways: value}),
  },
];

/**
 * @returns {(import('../harness/cells.mjs').Cell & {series: string, x: number})[]} a server comes
 *   right behind the other at the same point
 */
export function cellsOf(axis, root, quick) {
  return (quick ? axis.few : axis.points).flatMap((x) => {
    const servers = [gateway(root, 'trackwire', 'Trackwire gateway', axis.setup?.(x))];
    if (axis.withFloor) servers.unshift(floor(root));
    return servers.map((server) => ({name: `${server.name} ${x}`, series: server.name, x, server,
      title: `${axis.title} ${x.toLocaleString('en-US')}, ${server.title}`,
      load: axis.load(x, quick)}));
  });
}
