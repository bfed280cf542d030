// The benchmark's contract on Node's socket.io: whoever emits ('broadcast', name, ...arguments)
// has the named event sent to everybody. WebSocket only, as the load generator speaks it.
//
// Usage: node server.js [--listen 127.0.0.1:PORT] [--recovery]
import {createServer} from 'node:http';
import {parseArgs} from 'node:util';
import {Server} from 'socket.io';

const {values} = parseArgs({
  options: {
    listen: {type: 'string', default: '127.0.0.1:0'},
    recovery: {type: 'boolean', default: false},
  },
});
const [host, port] = values.listen.split(':');
if (!/^127\./.test(host) || !/^\d+$/.test(port ?? '')) {
  console.error(`--listen ${values.listen}: not a loopback address and port`);
  process.exit(2);
}

const http = createServer();
const io = new Server(http, {
  transports: ['websocket'],
  connectionStateRecovery: values.recovery ? {} : undefined,
});
io.on('connection', (socket) => {
  socket.on('broadcast', (name, ...rest) => io.emit(name, ...rest));
});
http.listen({host, port: Number(port), backlog: 4096}, () => {
  console.log(`listening http://${host}:${http.address().port}`);
});
