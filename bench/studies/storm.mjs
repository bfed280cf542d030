// Everybody comes back at once.
import {floor, gateway, nodePeer} from '../harness/servers.mjs';

const CLIENTS = 19_000;

const storm = (title, of, digits) => ({title, digits, of: ({report}) => of(report.storm)});

/** @type {import('./studies.mjs').Study} */
export const stormStudy = {
  name: 'storm',
  title: 'Reconnect storm: 19,000 clients',
  note: 'All connections are reset at once, then all clients come back at once, with recovery where ' +
    'the server has it. Meanwhile 10 notifications were published, which the gateway has to hand to ' +
    'each of them in order before they count as back; Node and the bare loop have nothing to ' +
    'hand over. Refused are attempts that failed and were made again.',
  columns: [
    storm('all back after, s', (of) => of.seconds, 2),
    storm('clients/s', (of) => CLIENTS / of.seconds),
    storm('CPU per client, us', (of) => of.cpu_us_per_client, 1),
    storm('recovered', (of) => of.recovered),
    storm('refused', (of) => of.refused),
    storm('missed messages handed over', (of) => of.missed * CLIENTS),
  ],
  cells(root) {
    const load = ['--clients', String(CLIENTS), '--connecting', String(CLIENTS), '--rate', '2',
      '--warmup', '1', '--duration', '2', '--settle', '1', '--drain', '60', '--storm'];
    const missed = ['--missed', '10', '--batch', '10'];
    return [
      {server: floor(root), load},
      {server: gateway(root), load: [...load, ...missed]},
      {server: gateway(root, 'trackwire-users', 'Trackwire gateway, HS256 cookie', {users: true}),
        load: [...load, ...missed]},
      {server: nodePeer(root, 'node-recovery', 'Node socket.io 4.8.4 with recovery', ['--recovery']),
        load},
    ].map((cell) => ({name: cell.server.name, title: cell.server.title, ...cell}));
  },
};
