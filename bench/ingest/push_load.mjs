// Pushes positions and counts them at a client's socket: push_load.mjs OPTIONS, as JSON: {port, token,
// pid, way, trackers, fixes, connections}. Prints a report as JSON.
import {cpuSeconds} from './cpu.mjs';
import {Connection, ask, request} from './raw_http.mjs';
import {RawSocket} from './raw_socket.mjs';
import {idOf} from './trackers.mjs';
import {ways} from './ways.mjs';

const {port, token, pid, way: name, trackers, fixes, connections} = JSON.parse(process.argv[2]);
const way = ways[name];
/** Long enough for the slowest store; a run that stands still ends with an error. */
const STALL_MS = 20_000;
const WARM_UP_FIXES = Math.ceil(fixes / 10);
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

const opened = await Promise.all(Array.from({length: connections}, () => Connection.open(port)));
/** The trackers of each connection: those of one are pushed in order, so none comes late. */
const shares = opened.map((_, i) =>
  Array.from({length: trackers}, (__, n) => n).filter((n) => n % connections === i));
const tokens = [];

async function everywhere(work) {
  await Promise.all(opened.map((connection, i) => work(connection, shares[i])));
}

async function makeTrackers(connection, share) {
  for (const n of share) {
    const body = JSON.stringify({id: idOf(n), name: `Vehicle ${n}`});
    await ask(connection, 'POST', '/api/trackers', {token, body});
    const {token: own} = await ask(connection, 'POST', `/api/trackers/${idOf(n)}/tokens`,
      {token, body: ''});
    tokens[n] = own;
  }
}

let received = 0;
let wrong = 0;
const last = new Map();

/** Each tracker's positions come once and in order: their times rise by a second each. */
function onEvent(text) {
  if (!text.startsWith('42["tracker_location_updated"')) return;
  const [, {tracker_id: id, fix_time: time}] = JSON.parse(text.slice(2));
  const at = Date.parse(time);
  if (last.has(id) && at !== last.get(id) + 1000) ++wrong;
  last.set(id, at);
  ++received;
}

async function push(connection, share, first, count) {
  for (let fix = first; fix < first + count; fix += way.each) {
    for (const n of share) {
      const each = Math.min(way.each, first + count - fix);
      const bytes = way.request(request, tokens[n], n, start + fix * 1000, each);
      for (;;) {
        const {status, body} = await connection.send(bytes);
        if (status === 200) break;
        // Told to come again: the queue is what bounds the rate then.
        if (status !== 503) throw new Error(`${status}: ${body}`);
        ++refused;
        await sleep(20);
      }
    }
  }
}

let refused = 0;
const start = Math.floor(Date.now() / 1000) * 1000 - 86_400_000;

/** Pushes fixes `first` … of every tracker, until the client has them all; seconds. */
async function run(first, count) {
  const begin = performance.now();
  const goal = received + trackers * count;
  await everywhere((connection, share) => push(connection, share, first, count));
  const pushed = performance.now();
  for (let moved = Date.now(), seen = received; received < goal; await sleep(2)) {
    if (received !== seen) moved = Date.now();
    seen = received;
    if (Date.now() - moved > STALL_MS) throw new Error(`${received} of ${goal} after a long rest`);
  }
  return {seconds: (performance.now() - begin) / 1000, pushing: (pushed - begin) / 1000};
}

await everywhere(makeTrackers);
const socket = await RawSocket.connect(port, token, onEvent);
await run(0, WARM_UP_FIXES);
refused = 0;
const cpu = cpuSeconds(pid);
const {seconds, pushing} = await run(WARM_UP_FIXES, fixes);
const used = cpuSeconds(pid) - cpu;
socket.close();
for (const connection of opened) connection.close();
const count = trackers * fixes;
console.log(JSON.stringify({rate: count / seconds, accepted_rate: count / pushing,
  cpu_us: used * 1e6 / count, wrong, refused}));
