// What encryption adds.
import {floor, gateway, tlsAbsent} from '../harness/servers.mjs';
import {bytesPerClient, cpuPerMessage, handshakeCpu} from './columns.mjs';

const COALESCED = ['--mode', 'coalesced', '--per-call', '16'];

/** To the bare loop with TLS under the same load. */
const toFloor = (column) => ({...column, title: 'to the bare loop with TLS', digits: 2,
  ratioTo: (cell) => `floor tls, ${cell.split(', ')[1]}`});

/** @type {import('./studies.mjs').Study} */
export const tls = {
  name: 'tls',
  title: 'TLS: 1,000 clients',
  note: 'TLS 1.3, an ECDSA certificate (P-256), no session resumption: every handshake is a whole one. ' +
    'The bare loop uses the same OpenSSL. At 10 notifications a second each message is a record of ' +
    'its own; saturated, the bare loop puts 16 into one.',
  absent: tlsAbsent,
  columns: [cpuPerMessage, toFloor(cpuPerMessage), handshakeCpu, toFloor(handshakeCpu),
    bytesPerClient],
  cells(root, quick) {
    const common = ['--clients', '1000', '--memory-at', '200,1000', '--settle', '1', '--warmup', '1',
      '--duration', quick ? '3' : '6', '--drain', '30'];
    const loads = [
      {name: '10/s', load: ['--mode', 'rate', '--rate', '10', ...common], args: ['--mode', 'single']},
      {name: 'saturated', args: COALESCED, load: ['--mode', 'saturated', '--publishers', '4',
        '--window', '32', '--batch', '32', ...common]},
    ];
    return loads.flatMap(({name, load, args}) => [
      {server: floor(root, 'floor', 'bare loop', args), load},
      {server: floor(root, 'floor tls', 'bare loop, TLS', args, true), load},
      {server: gateway(root), load},
      {server: gateway(root, 'trackwire tls', 'Trackwire gateway, TLS', {tls: true}), load},
    ].map((cell) => ({...cell, name: `${cell.server.name}, ${name}`,
      title: `${cell.server.title}, ${name}`})));
  },
};
