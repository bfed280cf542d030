// Everybody comes back at once.
import {floor, gateway, nodePeer} from '../harness/servers.mjs';

const CLIENTS = 19_000;
const count = CLIENTS.toLocaleString('en-US');
/** For who expects so many at one instant: the defaults let 10,000 be under way. */
const ROOM = {'limits.max_waiting_connections': 2 * CLIENTS,
  'limits.max_unfinished_handshakes': 2 * CLIENTS};

const storm = (title, of, digits) => ({title, digits, of: ({report}) => of(report.storm)});

/** @type {import('./studies.mjs').Study} */
export const stormStudy = {
  name: 'storm',
  title: `Reconnect storm: ${count} clients`,
  note: 'All connections are reset at once, then all clients come back at once, with recovery where ' +
    'the server has it. Meanwhile 10 notifications were published, which the gateway has to hand to ' +
    'each of them in order before they count as back; Node and the bare loop have nothing to ' +
    'hand over. Refused are attempts that failed and were made again. By default the gateway lets ' +
    '10,000 connections be without a whole request or a session and drops the oldest beyond; ' +
    `with room for ${count} it refuses nobody on that account. "5,000 at a time" is what a crowd ` +
    'does whose clients wait a random time first, as official ones do.',
  columns: [
    storm('all back after, s', (of) => of.seconds, 2),
    storm('clients/s', (of) => CLIENTS / of.seconds),
    storm('CPU per client, us', (of) => of.cpu_us_per_client, 1),
    storm('recovered', (of) => of.recovered),
    storm('refused', (of) => of.refused),
    storm('missed messages handed over', (of) => of.missed * CLIENTS),
  ],
  cells(root) {
    const load = ['--clients', String(CLIENTS), '--rate', '2', '--warmup', '1', '--duration', '2',
      '--settle', '1', '--drain', '60', '--storm'];
    const missed = [...load, '--missed', '10', '--batch', '10'];
    const own = (name, title, setup, returning = []) => ({load: [...missed, ...returning],
      server: gateway(root, name, `Trackwire gateway, ${title}`, setup)});
    return [
      {server: floor(root), load},
      own('trackwire', 'all at once', {}),
      own('trackwire-room', `all at once, room for ${count}`, {set: ROOM}),
      own('trackwire-users', `the same, HS256 cookie`, {set: ROOM, users: true}),
      own('trackwire-paced', '5,000 at a time', {}, ['--returning', '5000']),
      {server: nodePeer(root, 'node-recovery', 'Node socket.io 4.8.4 with recovery', ['--recovery']),
        load},
    ].map((cell) => ({name: cell.server.name, title: cell.server.title, ...cell}));
  },
};
