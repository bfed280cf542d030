// Official clients, several versions of them.

import {after} from 'node:test';
import * as v31 from 'socket.io-client-3.1';
import * as v40 from 'socket.io-client-4.0';
import * as v41 from 'socket.io-client-4.1';
import * as v44 from 'socket.io-client-4.4';
import * as v45 from 'socket.io-client-4.5';
import * as v46 from 'socket.io-client-4.6';
import * as v47 from 'socket.io-client-4.7';
import * as v48 from 'socket.io-client';
import {Inbox, within} from './wait.mjs';

const farewellMs = 3000;

// On a network that breaks, a client may leave a request behind that goes on asking for ever, which
// must not keep the process. The timer itself keeps nothing either.
after(() => setTimeout(() => process.exit(), farewellMs).unref());

/** The official clients that speak Engine.IO v4, by minor version. */
export const versions = {
  '3.1': v31.io, '4.0': v40.io, '4.1': v41.io, '4.4': v44.io, '4.5': v45.io, '4.6': v46.io,
  '4.7': v47.io, '4.8': v48.io,
};

/**
 * Whether a version survives its long-polling being broken. Those before 4.4 go on asking, at once
 * and for ever, which no server can help; over WebSocket they come back like the others.
 */
export function comesBack(version, way) {
  return way === 'websocket' || !['3.1', '4.0', '4.1'].includes(version);
}

/** Those of them that can resume where they were cut off. */
export const recovering = ['4.6', '4.7', '4.8'];

export const ways = {
  websocket: {transports: ['websocket']},
  polling: {transports: ['polling']},
  upgrade: {transports: ['polling', 'websocket']},
};

/** A client of its own connection. It is not connected yet when `autoConnect` is false. */
export function newClient(port, options = {}, io = versions['4.8'], namespace = '/') {
  return io(`http://127.0.0.1:${port}${namespace}`, {
    forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 50, ...options,
  });
}

/** The arguments of the next `event`. */
export function once(client, event, limit) {
  return within(
      new Promise((resolve) => client.once(event, (...args) => resolve(args))), event, limit);
}

/** Resolves when the client is connected, at once when it is already. */
export async function connected(client, limit) {
  if (!client.connected) await once(client, 'connect', limit);
  return client;
}

/** Resolves when the client's transport is a WebSocket. */
export async function upgraded(client) {
  const {engine} = client.io;
  if (engine.transport.name !== 'websocket') {
    await within(new Promise((resolve) => engine.once('upgrade', resolve)), 'the upgrade');
  }
}

/** Resolves when the server has sent `count` pings. */
export function heartbeats(client, count) {
  // Not every version has an event for a ping, and all have one for a packet.
  return within(new Promise((resolve) => client.io.engine.on('packet', ({type}) => {
    if (type === 'ping' && --count === 0) resolve();
  })), 'heartbeats');
}

/** All `event`s from now on, as lists of arguments in an Inbox. */
export function collect(client, event) {
  const inbox = new Inbox();
  client.on(event, (...args) => inbox.push(args));
  return inbox;
}

/** Emits and returns what the server acked. */
export function ask(client, event, ...args) {
  return within(
      new Promise((resolve) => client.emit(event, ...args, (...answer) => resolve(answer))),
      `the ack of ${event}`);
}
