// The same contract as examples/conformance, on npm's socket.io: the tests are proved right here
// before they judge our server. Command line and behaviour are described in README.md.

import {createServer} from 'node:http';
import {parseArgs} from 'node:util';
import {Server as EngineServer} from 'engine.io';
import {Server as SocketServer} from 'socket.io';

const {values: flags} = parseArgs({
  options: {
    port: {type: 'string', default: '0'},
    engineio: {type: 'boolean', default: false},
    threads: {type: 'string', default: '1'},
    'ping-interval-ms': {type: 'string', default: '300'},
    'ping-timeout-ms': {type: 'string', default: '200'},
    'upgrade-timeout-ms': {type: 'string', default: '10000'},
    'connect-timeout-ms': {type: 'string', default: '1000'},
    'max-payload': {type: 'string', default: '1000000'},
    recovery: {type: 'boolean', default: false},
    features: {type: 'boolean', default: false},
    'cors-origin': {type: 'string'},
    'client-files': {type: 'string'},
  },
});

const options = {
  pingInterval: Number(flags['ping-interval-ms']),
  pingTimeout: Number(flags['ping-timeout-ms']),
  upgradeTimeout: Number(flags['upgrade-timeout-ms']),
  connectTimeout: Number(flags['connect-timeout-ms']),
  maxHttpBufferSize: Number(flags['max-payload']),
};
const origin = flags['cors-origin'];
if (origin !== undefined) options.cors = {origin: origin === '*' ? '*' : [origin]};
if (flags.recovery) options.connectionStateRecovery = {maxDisconnectionDuration: 120000};

if (flags.features) options.cleanupEmptyChildNamespaces = true;

const http = createServer((request, response) => response.writeHead(404).end());
if (flags.engineio) {
  serveEngine();
} else {
  serveSockets();
}
http.listen(Number(flags.port), '127.0.0.1', () => {
  console.log(`listening http://127.0.0.1:${http.address().port}`);
});

function serveEngine() {
  const engine = new EngineServer(options);
  engine.attach(http, {path: '/engine.io/'});
  engine.on('connection', (session) => {
    session.on('message', (message) => session.send(message));
  });
}

function serveSockets() {
  const io = new SocketServer(http, {...options, serveClient: flags['client-files'] !== undefined});
  for (const name of ['/', '/custom', '/guarded']) {
    const namespace = io.of(name);
    const reasons = [];
    namespace.on('connection', (socket) => {
      socket.emit('auth', socket.handshake.auth);
      echo(socket);
      rooms(namespace, socket);
      questions(socket);
      endings(socket, reasons);
    });
  }
  io.of('/guarded').use((socket, next) => {
    if (socket.handshake.auth.token === 'secret') return next();
    const refusal = new Error('not allowed');
    refusal.data = {code: 'forbidden'};
    next(refusal);
  });
  if (flags.features) features(io);
}

function features(io) {
  io.of('/').on('connection', (socket) => {
    socket.on('exists', (name, ack) => ack(io._nsps.has(name)));
  });
  const numbered = io.of(/^\/dynamic-\d+$/);
  numbered.on('connection', (socket) => {
    socket.on('message', (...args) => socket.emit('message-back', ...args));
    socket.on('name', (ack) => ack(socket.nsp.name));
    socket.on('to-all', (...args) => numbered.emit('news', ...args));
  });
  io.of((name, auth, next) => {
    setImmediate(() => next(null, name.startsWith('/by-auth-') && auth.token === 'secret'));
  });
  io.of('/listeners').on('connection', listeners);
}

function listeners(socket) {
  const heard = [];
  const hear = (...args) => heard.push(['in', ...args.filter((arg) => arg instanceof Function === false)]);
  socket.onAny(hear);
  socket.onAnyOutgoing((...args) => heard.push(['out', ...args]));
  socket.use(([event], next) => next(event === 'blocked' ? new Error('blocked') : undefined));
  socket.on('error', () => {});
  for (const name of ['first', 'second']) socket.on('both', () => socket.emit(name));
  socket.once('once', () => socket.emit('once'));
  socket.on('blocked', () => socket.emit('never'));
  socket.on('everybody', (...args) => socket.nsp.emit('news', ...args));
  socket.on('deaf', () => socket.offAny(hear));
  socket.on('heard', (ack) => ack(heard));
}

function echo(socket) {
  socket.on('message', (...args) => socket.emit('message-back', ...args));
  socket.on('message-with-ack', (...args) => args.pop()(...args));
  socket.on('volatile-me', (event, ...args) => socket.volatile.emit(event, ...args));
}

function rooms(namespace, socket) {
  socket.on('join', (room, ack) => {
    socket.join(room);
    ack?.();
  });
  socket.on('leave', (room, ack) => {
    socket.leave(room);
    ack?.();
  });
  socket.on('to-room', (room, event, ...args) => namespace.to(room).emit(event, ...args));
  socket.on('to-room-except-me', (room, event, ...args) => socket.to(room).emit(event, ...args));
  socket.on('broadcast', (event, ...args) => namespace.emit(event, ...args));
}

function questions(socket) {
  socket.on('ask-me', (value) => {
    socket.emit('question', value, (...answer) => socket.emit('answer', ...answer));
  });
  socket.on('ask-me-timeout', (value) => {
    socket.timeout(100).emit('question', value, (error, answer) => {
      if (error) socket.emit('answer-timeout');
      else socket.emit('answer', answer);
    });
  });
}

function endings(socket, reasons) {
  socket.on('kick', () => socket.disconnect());
  socket.on('kick-close', () => socket.disconnect(true));
  socket.on('disconnect', (reason) => reasons.push(reason));
  socket.on('last-reasons', (ack) => ack(reasons));
}
