// A Socket.IO client with nothing but what counting events takes.
import {randomBytes} from 'node:crypto';
import {request} from 'node:http';

/** A short frame from a client, which must be masked. Lengths below 64 KiB. */
function frame(text) {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 4 : 2);
  head[0] = 0x81;
  head[1] = 0x80 | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  for (let i = 0; i < payload.length; ++i) payload[i] ^= mask[i % 4];
  return Buffer.concat([head, mask, payload]);
}

export class RawSocket {
  #socket;
  #bytes = Buffer.alloc(0);
  #onEvent;

  /** Joins the main namespace; `onEvent(text)` gets each event packet, `42[…]`. */
  static async connect(port, token, onEvent) {
    const joined = new RawSocket();
    joined.#onEvent = onEvent;
    const [socket, head] = await new Promise((done, failed) => {
      const opening = request({port, host: '127.0.0.1', path: '/socket.io/?EIO=4&transport=websocket',
        headers: {connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13',
          'sec-websocket-key': randomBytes(16).toString('base64')}});
      opening.once('upgrade', (_, upgraded, rest) => done([upgraded, rest]));
      opening.once('response', ({statusCode}) => failed(new Error(`upgrade: ${statusCode}`)));
      opening.once('error', failed);
      opening.end();
    });
    joined.#socket = socket;
    socket.setNoDelay(true);
    const ready = new Promise((done) => (joined.ready = done));
    socket.on('data', (chunk) => joined.#take(chunk));
    if (head.length > 0) joined.#take(head);
    socket.write(frame(`40${JSON.stringify({token, recovery: false})}`));
    await ready;
    return joined;
  }

  #take(chunk) {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let from = 0;
    for (;;) {
      const rest = this.#bytes.length - from;
      if (rest < 2) break;
      let size = this.#bytes[from + 1] & 0x7f;
      let start = 2;
      if (size === 126) {
        if (rest < 4) break;
        size = this.#bytes.readUInt16BE(from + 2);
        start = 4;
      } else if (size === 127) {
        if (rest < 10) break;
        size = Number(this.#bytes.readBigUInt64BE(from + 2));
        start = 10;
      }
      if (rest < start + size) break;
      this.#packet(this.#bytes.utf8Slice(from + start, from + start + size));
      from += start + size;
    }
    this.#bytes = this.#bytes.subarray(from);
  }

  #packet(text) {
    if (text === '2') return void this.#socket.write(frame('3'));
    if (text.startsWith('44')) throw new Error(`refused: ${text}`);
    if (text.startsWith('42["session"')) this.ready();
    if (text.startsWith('42')) this.#onEvent(text);
  }

  close() {
    this.#socket.destroy();
  }
}
