// A line to a gateway that does wrong to one notification: for showing that the tests would see it.

import net from 'node:net';

/** Cuts whole frames, as servers send them, off `bytes`: [frames, rest]. */
function framesOf(bytes) {
  const frames = [];
  for (;;) {
    if (bytes.length < 2) return [frames, bytes];
    const short = bytes[1] & 0x7f;
    const header = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < header) return [frames, bytes];
    const size = short === 127 ? Number(bytes.readBigUInt64BE(2))
      : short === 126 ? bytes.readUInt16BE(2) : short;
    if (bytes.length < header + size) return [frames, bytes];
    frames.push({bytes: bytes.subarray(0, header + size), text: bytes.subarray(header, header + size)});
    bytes = bytes.subarray(header + size);
  }
}

export class BadLine {
  #server;
  #sockets = new Set();
  #seen = 0;
  port = 0;

  /**
   * `mistake` gets the frame of the `nth` notification that passes (of all clients together) and the
   * one after it on the same connection, and gives what goes on instead.
   */
  static async to(target, nth, mistake) {
    const line = new BadLine();
    line.#server = net.createServer((near) => line.#join(near, target, nth, mistake));
    await new Promise((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
    line.port = line.#server.address().port;
    return line;
  }

  #join(near, target, nth, mistake) {
    const far = net.connect({host: '127.0.0.1', port: target, noDelay: true});
    near.setNoDelay(true);
    for (const [one, other] of [[near, far], [far, near]]) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    near.on('data', (chunk) => far.write(chunk));
    let unread = Buffer.alloc(0);
    let upgraded = false;
    let held;
    far.on('data', (chunk) => {
      unread = Buffer.concat([unread, chunk]);
      if (!upgraded) {
        const end = unread.indexOf('\r\n\r\n');
        if (end < 0) return;
        near.write(unread.subarray(0, end + 4));
        unread = unread.subarray(end + 4);
        upgraded = true;
      }
      let frames;
      [frames, unread] = framesOf(unread);
      for (const {bytes, text} of frames) {
        const notification = text.includes('"exact":[');
        if (notification && ++this.#seen === nth) {
          held = bytes;
        } else if (held && notification) {
          mistake(held, bytes).forEach((frame) => near.write(frame));
          held = undefined;
        } else {
          near.write(bytes);
        }
      }
    });
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
