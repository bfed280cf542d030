// What a client costs that only sits there, and what it costs to let one in.
import {gateway, floor, nodePeer, pythonPeer} from '../harness/servers.mjs';
import {bytesPerClient, handshakeCpu, ratio} from './columns.mjs';

const BYTES = 'growth while idle, B per client';

/** Memory at the end of the idle time beyond that at its beginning. */
const growth = {title: BYTES, of: ({report}) => {
  const samples = report.idle.rss_bytes;
  const clients = report.connect.at(-1).clients;
  return (samples.at(-1) - samples[0]) / clients;
}};

const heartbeat = {title: 'CPU per client and second, us', digits: 3,
  of: ({report}) => report.idle.cpu_us_per_client_second};

/** @type {import('./studies.mjs').Study} */
export const idle = {
  name: 'idle',
  title: 'Idle clients: 3,000 to 19,000',
  note: 'WebSocket, one namespace, recovery on, in the gateway also a session in the session store, ' +
    'a room and presence; heartbeats every 25 s. Memory is the slope of resident memory from ' +
    '3,000 to 19,000 clients, handshakes are those 16,000. Then all stay for as long as two ' +
    'heartbeats.',
  columns: [bytesPerClient, growth, heartbeat, handshakeCpu,
    ratio(handshakeCpu, 'floor-single', 'to the bare loop')],
  cells(root, quick) {
    const load = ['--clients', '19000', '--memory-at', '3000,19000', '--settle', quick ? '2' : '4',
      '--duration', quick ? '26' : '52'];
    const servers = [
      floor(root),
      gateway(root),
      gateway(root, 'trackwire-users', 'Trackwire gateway, HS256 cookie', {users: true}),
      nodePeer(root),
      pythonPeer(root),
    ];
    // The last --publish counts: nobody publishes here.
    return servers.map((server) => ({name: server.name, title: server.title,
      server: withoutPublishing(server), load: ['--publish', 'none', ...load]}));
  },
};

// Keeps of a server's own arguments those that say how clients connect.
function withoutPublishing(server) {
  return {...server, start: async () => {
    const running = await server.start();
    const at = running.load.indexOf('--cookies');
    return {...running, load: at < 0 ? [] : running.load.slice(at, at + 2)};
  }};
}
