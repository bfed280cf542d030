// Crowds of bad clients on raw sockets: all of them open, all that came back noted, all gone again.

import net from 'node:net';
import {randomBytes} from 'node:crypto';
import {readFileSync} from 'node:fs';

import {within} from './wait.mjs';

// When all is told, what is left of thousands of sockets takes node longer to take apart than the
// tests took. Added last, so that the runner has had its say.
process.once('beforeExit', () => process.once('exit', () => process.exit()));

const crowds = new Set();

/** Sockets that were left behind would keep a file from ending. */
export function scatter() {
  for (const crowd of crowds) crowd.leave();
}

export class Crowd {
  sockets = [];
  ended = 0;

  constructor(port) {
    this.port = port;
    crowds.add(this);
  }

  /** Opens `count` connections and says `greeting(i)` on each, without waiting for an answer. */
  async come(count, greeting = () => '', options = {}) {
    // The queue of a listening socket is finite: a wave at a time.
    for (let done = 0; done < count; done += 200) {
      const wave = Array.from({length: Math.min(200, count - done)}, (_, i) =>
        this.#open(greeting(done + i), options));
      await within(Promise.all(wave), 'a wave of connections');
    }
    return this;
  }

  #open(greeting, {localAddress, pause = false} = {}) {
    const socket = net.connect({port: this.port, host: '127.0.0.1', localAddress, noDelay: true});
    this.sockets.push(socket);
    socket.answer = Buffer.alloc(0);
    return new Promise((resolve) => {
      socket.on('data', (chunk) => {
        if (socket.answer.length < 4096) socket.answer = Buffer.concat([socket.answer, chunk]);
      });
      if (pause) socket.pause();
      socket.on('error', () => {});
      socket.on('close', () => {
        ++this.ended;
        resolve();
      });
      socket.on('connect', () => {
        if (greeting.length > 0) socket.write(greeting, resolve);
        else resolve();
      });
    });
  }

  /** Says something on every connection that is still open. */
  async say(bytes) {
    const open = this.sockets.filter((socket) => socket.writable);
    await within(Promise.all(open.map((socket) =>
      new Promise((resolve) => socket.write(bytes, resolve)))), 'the crowd to be heard');
  }

  /** What was answered on each, as text. */
  get answers() {
    return this.sockets.map((socket) => socket.answer.toString('latin1'));
  }

  get open() {
    return this.sockets.length - this.ended;
  }

  leave() {
    for (const socket of this.sockets) socket.destroy();
    crowds.delete(this);
  }
}

export const upgrade = 'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n' +
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** One masked frame of a client. */
export function frame(opcode, body, {fin = true, rsv = 0} = {}) {
  const bytes = Buffer.from(body);
  const head = [(fin ? 0x80 : 0) | rsv | opcode];
  if (bytes.length < 126) head.push(0x80 | bytes.length);
  else if (bytes.length < 65_536) head.push(0xfe, bytes.length >> 8, bytes.length & 255);
  else head.push(0xff, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => bytes.length >>> shift & 255));
  const key = randomBytes(4);
  const masked = Buffer.from(bytes);
  for (let i = 0; i < masked.length; ++i) masked[i] ^= key[i & 3];
  return Buffer.concat([Buffer.from(head), key, masked]);
}

/** What a process has in memory, in bytes. */
export function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]) * 1024;
}

/** Whether it was built with a sanitizer, which keeps freed memory for a while. */
export function isSanitized(pid) {
  return /lib[at]san/.test(readFileSync(`/proc/${pid}/maps`, 'latin1'));
}
