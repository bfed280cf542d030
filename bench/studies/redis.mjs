// How fast notifications come in through Redis.
import {gateway, pythonPeer} from '../harness/servers.mjs';
import {cpuPerNotification, p99, publishedPerSecond} from './columns.mjs';

/** @type {import('./studies.mjs').Study} */
export const redisIntake = {
  name: 'redis',
  title: 'Intake through Redis: 5 clients',
  note: 'As many notifications as one process takes that hears Redis: from PUBLISH, or XADD into the ' +
    'inbox, through checks, log and dispatch to the sockets of five clients, which get all of ' +
    'them. The server has a processor for itself; Redis and the generator share another and are ' +
    'not in its CPU.',
  columns: [publishedPerSecond, cpuPerNotification, p99],
  cells(root, quick) {
    const load = (window) => ['--clients', '5', '--mode', 'saturated', '--publishers', '2',
      '--window', String(window), '--batch', String(Math.min(1024, window / 4)), '--trackers',
      '100000', '--warmup', quick ? '1' : '2', '--duration', quick ? '3' : '6', '--drain', '60'];
    return [
      {server: gateway(root, 'trackwire-channel', 'Trackwire gateway, channel',
        {redisWay: 'channel'}), load: load(16_384)},
      {server: gateway(root, 'trackwire-inbox', 'Trackwire gateway, inbox', {redisWay: 'inbox'}),
        load: load(16_384)},
      {server: pythonPeer(root), load: load(2048)},
    ].map((cell) => ({name: cell.server.name, title: cell.server.title, ...cell}));
  },
};
