// A connection to Redis, for tests: commands in, replies out, in order. Speaks RESP2.

import {once} from 'node:events';
import net from 'node:net';

import {within} from './wait.mjs';

/** Reads one value at `at`: [value, next], or nothing when more bytes are needed. */
function readValue(bytes, at) {
  const end = bytes.indexOf('\r\n', at);
  if (end < 0) return undefined;
  const line = bytes.toString('utf8', at + 1, end);
  const next = end + 2;
  switch (bytes[at]) {
    case 0x2b: return [line, next]; // +
    case 0x2d: return [new Error(line), next]; // -
    case 0x3a: return [Number(line), next]; // :
    case 0x24: return readBulk(bytes, next, Number(line)); // $
    case 0x2a: return readArray(bytes, next, Number(line)); // *
    default: throw new Error(`not RESP: ${line}`);
  }
}

function readBulk(bytes, at, size) {
  if (size < 0) return [null, at];
  if (bytes.length < at + size + 2) return undefined;
  return [bytes.toString('utf8', at, at + size), at + size + 2];
}

function readArray(bytes, at, size) {
  if (size < 0) return [null, at];
  const items = [];
  for (let i = 0; i < size; ++i) {
    const item = readValue(bytes, at);
    if (!item) return undefined;
    items.push(item[0]);
    at = item[1];
  }
  return [items, at];
}

function encode(args) {
  const parts = args.map((arg) => `$${Buffer.byteLength(String(arg))}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${parts.join('')}`;
}

export class Resp {
  #socket;
  #unread = Buffer.alloc(0);
  #waiting = [];
  /** Gets what channels say that were subscribed to. */
  onMessage = () => {};

  /** `where` as for net.connect: {port} or {path}. */
  static async connect(where) {
    const resp = new Resp();
    resp.#socket = net.connect({host: '127.0.0.1', ...where});
    await within(once(resp.#socket, 'connect'), 'a connection to Redis');
    resp.#socket.setNoDelay(true);
    resp.#socket.on('data', (chunk) => resp.#take(chunk));
    resp.#socket.on('error', () => {});
    resp.#socket.on('close', () => {
      for (const {reject} of resp.#waiting.splice(0)) reject(new Error('Redis hung up'));
    });
    return resp;
  }

  get closed() {
    return this.#socket.destroyed;
  }

  #take(chunk) {
    this.#unread = this.#unread.length ? Buffer.concat([this.#unread, chunk]) : chunk;
    let at = 0;
    for (let value; at < this.#unread.length && (value = readValue(this.#unread, at)); at = value[1]) {
      this.#answer(value[0]);
    }
    this.#unread = this.#unread.subarray(at);
  }

  /** What nobody waits for is a message of a subscription. */
  #answer(value) {
    const waiting = this.#waiting.shift();
    if (!waiting) this.onMessage(value);
    else if (value instanceof Error) waiting.reject(value);
    else waiting.resolve(value);
  }

  /** Sends a command; calls without a pause between them are pipelined. */
  call(...args) {
    if (this.closed) return Promise.reject(new Error('Redis hung up'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({resolve, reject});
      this.#socket.write(encode(args));
    });
  }

  close() {
    this.#socket.destroy();
  }
}
