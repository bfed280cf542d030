// GraphQL requests a second for the first page of trackers, beside npm's graphql with the same data.
import {createRequire} from 'node:module';
import {existsSync} from 'node:fs';
import {join} from 'node:path';

import {startServer} from '../harness/processes.mjs';
import {median} from '../harness/stats.mjs';
import {Gateway, unlimited} from './gateway.mjs';
import {Connection, ask} from './raw_http.mjs';
import {runNode} from './run_node.mjs';
import {number, table} from './table.mjs';
import {trackerOf} from './trackers.mjs';

const TRACKERS = 1_000;
const CONNECTIONS = 16;

function gateway(program) {
  return {
    title: 'Trackwire gateway',
    absent: () => (existsSync(program) ? null : 'trackwire is not built'),
    async start() {
      const started = await Gateway.start(program, [...unlimited,
        '--set', 'visibility.unknown_trackers=public', '--set', 'graphql.max_cost=1000000']);
      const connection = await Connection.open(started.port);
      const now = Date.now();
      const body = JSON.stringify(Array.from({length: TRACKERS}, (_, n) => (
        {message_type: 'tracker_location_updated', notification: trackerOf(n, now)})));
      await ask(connection, 'POST', '/api/notifications', {token: started.token, body});
      await started.trackers(connection, TRACKERS);
      connection.close();
      return started;
    },
  };
}

function peer(root) {
  const script = join(root, 'bench/peers/graphql/server.mjs');
  return {
    title: 'Node graphql 16.15.0',
    absent() {
      try {
        createRequire(script).resolve('graphql');
        return null;
      } catch {
        return 'its npm packages are not installed (npm ci in bench/peers/graphql)';
      }
    },
    async start() {
      const server = await startServer(process.execPath, [script, String(TRACKERS)]);
      return {...server, port: Number(new URL(server.url).port)};
    },
  };
}

export async function measureGraphql({root, program, quick, repeats, say}) {
  const servers = [gateway(program), peer(root)];
  const found = servers.map(() => []);
  for (let repeat = 0; repeat < repeats; ++repeat) {
    for (const [i, server] of servers.entries()) {
      if (server.absent()) continue;
      const running = await server.start();
      try {
        found[i].push(await runNode(join(root, 'bench/ingest/graphql_load.mjs'), {
          port: running.port, token: running.token, pid: running.pid, connections: CONNECTIONS,
          seconds: quick ? 2 : 6}));
      } finally {
        await running.stop();
      }
      say(`GraphQL, ${server.title}: ${number(found[i].at(-1).rate, 0)} requests/s`);
    }
  }
  const middle = (reports, name) => median(reports.map((report) => report[name]));
  const rows = servers.map((server, i) => (server.absent() ? [server.title, server.absent()] : [
    server.title,
    number(middle(found[i], 'rate'), 0),
    number(middle(found[i], 'cpu_us'), 0),
    number(middle(found[i], 'p50_ms'), 1),
    number(middle(found[i], 'p99_ms'), 1),
    number(middle(found[i], 'bytes'), 0),
  ]));
  return table(`GraphQL, \`trackers(first: 100)\` of ${number(TRACKERS, 0)}, ${CONNECTIONS} connections`,
    ['', 'requests/s', 'CPU each, us', 'p50, ms', 'p99, ms', 'bytes each'], rows);
}
