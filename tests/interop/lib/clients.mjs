// Official clients, several versions of them.

import * as v45 from 'socket.io-client-4.5';
import * as v47 from 'socket.io-client-4.7';
import * as v48 from 'socket.io-client';
import {Inbox, within} from './wait.mjs';

export const versions = {'4.5': v45.io, '4.7': v47.io, '4.8': v48.io};

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
