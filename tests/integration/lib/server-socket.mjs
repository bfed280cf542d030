// The server's end of a WebSocket, without extensions: whole text messages out, control frames in.

import {createHash} from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

function frame(opcode, payload) {
  const size = payload.length;
  const length = size < 126 ? Buffer.from([size])
    : size < 65_536 ? Buffer.from([126, size >> 8, size & 255])
      : Buffer.concat([Buffer.from([127]), (() => {
        const bytes = Buffer.alloc(8);
        bytes.writeBigUInt64BE(BigInt(size));
        return bytes;
      })()]);
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, payload]);
}

class ServerSocket {
  #socket;
  #unread = Buffer.alloc(0);
  onEnd = () => {};

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.onEnd());
  }

  send(text) {
    if (this.#socket.writable) this.#socket.write(frame(1, Buffer.from(text)));
  }

  /** Without a farewell. */
  destroy() {
    this.#socket.destroy();
  }

  // What clients say are short frames: pings, pongs, a close.
  #read(chunk) {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    while (this.#unread.length >= 6) {
      const size = this.#unread[1] & 0x7f;
      if (size > 125 || !(this.#unread[1] & 0x80)) return this.destroy();
      if (this.#unread.length < 6 + size) return undefined;
      const key = this.#unread.subarray(2, 6);
      const payload = Buffer.from(this.#unread.subarray(6, 6 + size).map((byte, i) => byte ^ key[i & 3]));
      const opcode = this.#unread[0] & 15;
      this.#unread = this.#unread.subarray(6 + size);
      if (opcode === 9) this.#socket.write(frame(10, payload));
      if (opcode === 8) return this.#socket.end(frame(8, payload));
    }
    return undefined;
  }
}

/** Answers the opening `request` on its `socket`; the WebSocket that stands then. */
export function acceptSocket(request, socket) {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + GUID).digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
  return new ServerSocket(socket);
}
