// A socket.io-client that notes what it gets.

import {io} from 'socket.io-client';

import {eventually, within} from './wait.mjs';

export class Client {
  events = [];
  disconnects = [];

  constructor(url, {token, ...options} = {}) {
    this.socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
      auth: token ? {token} : {},
      ...options,
    });
    this.socket.onAny((name, ...args) => this.events.push({name, args}));
    this.socket.on('disconnect', (reason) => this.disconnects.push(reason));
  }

  /** Connects and waits for the first `session`. */
  static async connect(url, options) {
    const client = new Client(url, options);
    await client.event('session');
    return client;
  }

  of(name) {
    return this.events.filter((event) => event.name === name).map((event) => event.args[0]);
  }

  /** The first argument of the `count`-th event of that name. */
  async event(name, count = 1) {
    return eventually(() => this.of(name)[count - 1], `event ${count} called ${name}`);
  }

  /** The `n` of all events of that name. */
  numbers(name) {
    return this.of(name).map((payload) => payload.n);
  }

  /** Waits until the number has come. */
  async reach(name, n) {
    await eventually(() => this.numbers(name).includes(n), `${name} number ${n}`);
  }

  async refusal() {
    return within(new Promise((resolve) => this.socket.once('connect_error', resolve)), 'a refusal');
  }

  close() {
    this.socket.disconnect();
  }
}
