// npm's server as one of a cluster, with the events of examples/cluster_server. Prints where it
// listens; ends on SIGTERM.

import {createServer} from 'node:http';
import {parseArgs} from 'node:util';
import {createClient} from 'redis';
import {Server} from 'socket.io';
import {adapters} from './adapters.mjs';

const {values: flags} = parseArgs({options: {
  port: {type: 'string', default: '0'},
  redis: {type: 'string'},
  adapter: {type: 'string', default: 'classic'},
  prefix: {type: 'string'},
  name: {type: 'string', default: 'node'},
  threads: {type: 'string'},
  recovery: {type: 'boolean', default: false},
}});

const connect = async () => {
  const client = createClient({socket: {path: flags.redis.replace('unix://', '')}});
  client.on('error', (error) => console.error(error));
  await client.connect();
  return client;
};

const http = createServer();
const {adapter, ready} = await adapters[flags.adapter](connect, flags);
const io = new Server(http, {
  adapter,
  ...(flags.recovery ? {connectionStateRecovery: {}} : {}),
});

function operator(nsp, options = {}) {
  let to = nsp.in(options.rooms ?? []).except(options.except ?? []);
  if (options.volatile) to = to.volatile;
  if (options.local) to = to.local;
  if (options.compress !== undefined) to = to.compress(options.compress);
  return to;
}

/** What a promise of answers comes to: npm's error carries those that came in time. */
async function answers(promise) {
  try {
    return {answers: await promise, timedOut: false};
  } catch (error) {
    return {answers: error.responses ?? [], timedOut: true};
  }
}

function addControls(nsp, socket) {
  const on = (event, handler) => socket.on(event, async (...args) => {
    const ack = typeof args.at(-1) === 'function' ? args.pop() : () => {};
    ack(await handler(...args));
  });
  on('join', (room) => void socket.join(room));
  on('leave', (room) => void socket.leave(room));
  on('set-data', (data) => void (socket.data = data));
  on('emit', (options, event, ...args) => void operator(nsp, options).emit(event, ...args));
  on('emit-ack', (options, event, ...args) =>
    answers(operator(nsp, options).timeout(options.timeout ?? 1000).emitWithAck(event, ...args)));
  on('sockets-join', (filter, rooms) => void operator(nsp, filter).socketsJoin(rooms));
  on('sockets-leave', (filter, rooms) => void operator(nsp, filter).socketsLeave(rooms));
  on('disconnect-sockets', (filter, close) =>
    void operator(nsp, filter).disconnectSockets(close));
  on('fetch', async (filter) => {
    try {
      const sockets = await operator(nsp, filter).fetchSockets();
      return sockets.map(({id, rooms, data, handshake}) => ({
        id, rooms: [...rooms], data,
        handshake: {...handshake, sessionStore: undefined},
      }));
    } catch (error) {
      return {error: error.message};
    }
  });
  on('server-side', (...args) => void nsp.serverSideEmit(...args));
  on('server-side-ack', (...args) => answers(nsp.serverSideEmitWithAck(...args)));
  on('server-count', () => nsp.adapter.serverCount());
  // What only npm's servers ask for.
  on('all-rooms', async () => [...await nsp.adapter.allRooms()]);
}

for (const name of ['/', '/chat']) {
  const nsp = io.of(name);
  nsp.on('connection', (socket) => addControls(nsp, socket));
  nsp.on('say', (...args) => nsp.local.emit('said', flags.name, args));
  nsp.on('ask', (...args) => args.pop()({server: flags.name, args}));
  nsp.on('keep-silent', () => {});
}

await ready();
http.listen(Number(flags.port), '127.0.0.1', () => {
  console.log(`listening http://127.0.0.1:${http.address().port}`);
});
process.on('SIGTERM', () => process.exit(0));
