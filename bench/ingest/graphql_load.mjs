// Asks for the first page of trackers again and again: graphql_load.mjs OPTIONS, as JSON: {port,
// token, connections, seconds, pid}. Prints a report as JSON.
import {Connection, request} from './raw_http.mjs';
import {cpuSeconds} from './cpu.mjs';
import {firstPage} from './trackers.mjs';

const {port, token, connections, seconds, pid} = JSON.parse(process.argv[2]);
const WARM_UP_MS = 500;
const body = JSON.stringify({query: firstPage});
const bytes = request('POST', '/graphql', {token, body});

const opened = await Promise.all(Array.from({length: connections}, () => Connection.open(port)));
const first = await opened[0].send(bytes);
const page = JSON.parse(first.body.toString());
if (page.errors || page.data.trackers.edges.length !== 100 ||
    !page.data.trackers.pageInfo.hasNextPage || !page.data.trackers.edges[0].node.position) {
  console.error(`not the first page: ${first.body.toString().slice(0, 500)}`);
  process.exit(1);
}

/** Asks until then; how often, and how long each took, in ms. */
async function run(until) {
  const took = [];
  await Promise.all(opened.map(async (connection) => {
    while (performance.now() < until) {
      const start = performance.now();
      const {status, body: answer} = await connection.send(bytes);
      if (status !== 200 || answer.length < first.body.length / 2) {
        throw new Error(`${status}: ${answer.toString().slice(0, 200)}`);
      }
      took.push(performance.now() - start);
    }
  }));
  return took;
}

await run(performance.now() + WARM_UP_MS);
const cpu = cpuSeconds(pid);
const start = performance.now();
const took = (await run(start + seconds * 1000)).sort((a, b) => a - b);
const elapsed = (performance.now() - start) / 1000;
const used = cpuSeconds(pid) - cpu;
for (const connection of opened) connection.close();
console.log(JSON.stringify({
  rate: took.length / elapsed,
  cpu_us: used * 1e6 / took.length,
  p50_ms: took[Math.floor(took.length * 0.5)],
  p99_ms: took[Math.floor(took.length * 0.99)],
  bytes: first.body.length,
}));
