// Socket.IO packets by hand over one WebSocket or one polling session.

import assert from 'node:assert/strict';
import {PollingSession, openWebSocketSession} from './engineio.mjs';

export const socketPath = '/socket.io/';

/** A connection that has not joined any namespace yet. */
export async function openConnection(port) {
  const ws = await openWebSocketSession(port, socketPath);
  return new SocketIo(ws);
}

/** A connection that is in `/` and has taken the `auth` event that greets it. */
export async function connect(port, auth) {
  const client = await openConnection(port);
  await client.connect('/', auth);
  await client.greeting('/', auth);
  return client;
}

/** The same on long-polling. */
export async function connectPolling(port, auth) {
  const client = new SocketIo(await PollingSession.open(port, socketPath));
  await client.connect('/', auth);
  await client.greeting('/', auth);
  return client;
}

const prefix = (namespace) => namespace === '/' ? '' : `${namespace},`;

export class SocketIo {
  constructor(engine) {
    this.engine = engine;
    this.sids = {};
    this.pids = {};
  }

  /** Sends one Socket.IO packet in text form, or one attachment when given bytes. */
  send(packet) {
    if (typeof packet === 'string') return this.engine.send(`4${packet}`);
    if (this.engine instanceof PollingSession) {
      return this.engine.send(`b${packet.toString('base64')}`);
    }
    return this.engine.send(packet);
  }

  /** Sends an Engine.IO packet as it is. */
  sendRaw(packet) {
    return this.engine.send(packet);
  }

  emit(...args) {
    return this.send(`2${JSON.stringify(args)}`);
  }

  /** The next Socket.IO packet or attachment; heartbeats are answered on the way. */
  async next(what) {
    for (;;) {
      const packet = await this.engine.next(what);
      if (typeof packet !== 'string') return packet;
      if (packet === '2') {
        await this.engine.send('3');
      } else if (packet[0] === 'b') {
        return Buffer.from(packet.slice(1), 'base64');
      } else if (packet !== '6') {
        assert.equal(packet[0], '4', `a message, not ${packet}`);
        return packet.slice(1);
      }
    }
  }

  /** Joins a namespace; the data of the reply. */
  async connect(namespace = '/', auth = undefined) {
    await this.send(`0${prefix(namespace)}${auth === undefined ? '' : JSON.stringify(auth)}`);
    const reply = await this.next('the reply to CONNECT');
    const head = `0${prefix(namespace)}`;
    assert.ok(reply.startsWith(`${head}{`), `a CONNECT to ${namespace}, not ${reply}`);
    const data = JSON.parse(reply.slice(head.length));
    assert.equal(typeof data.sid, 'string');
    this.sids[namespace] = data.sid;
    this.pids[namespace] = data.pid;
    return data;
  }

  async greeting(namespace = '/', auth = undefined) {
    const event = await this.nextEvent(namespace);
    assert.equal(event[0], 'auth');
    assert.deepEqual(event[1], auth ?? {});
  }

  /** The arguments of the next packet, which must be an event without ack id. */
  async nextEvent(namespace = '/') {
    const packet = await this.next('an event');
    const head = `2${prefix(namespace)}`;
    assert.ok(`${packet}`.startsWith(`${head}[`), `an event, not ${packet}`);
    return JSON.parse(packet.slice(head.length));
  }

  /** The next packet must be this event. */
  async expectEvent(...args) {
    assert.deepEqual(await this.nextEvent(), args);
  }

  /** Asks with an ack id and returns what was acked; nothing else may come before. */
  async ask(id, ...args) {
    await this.send(`2${id}${JSON.stringify(args)}`);
    const reply = await this.next('an ack');
    assert.ok(reply.startsWith(`3${id}[`), `an ack ${id}, not ${reply}`);
    return JSON.parse(reply.slice(`3${id}`.length));
  }

  /** Proves that the connection works and that nothing is on its way to it. */
  async expectAlive() {
    await this.send('2["message","fence"]');
    await this.expectEvent('message-back', 'fence');
  }

  /** Leaves a namespace and returns when the server has seen it; there is no reply to wait for. */
  async leave(namespace = '/') {
    await this.send(`1${prefix(namespace)}`);
    await this.engine.settle();
  }

  closed() {
    return this.engine.closed();
  }

  close() {
    return this.engine.close();
  }
}
