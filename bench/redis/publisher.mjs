// Publishes through one pipelined connection, written out in the Redis protocol: the commands are made
// of few parts, and a client library would be measured with them.
import net from 'node:net';

const TRACKERS = 1000;

const bulk = (text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const command = (...parts) => `*${parts.length}\r\n${parts.map(bulk).join('')}`;

/** About 250 bytes, as a position with what is usual in it. */
function envelope(n) {
  const tracker = `vehicle-${n % TRACKERS}`;
  return JSON.stringify({
    message_type: 'tracker_location_updated',
    tracker_id: tracker,
    notification: {
      tracker_id: tracker, latitude: 48.8583701, longitude: 2.2944813, speed: 13.4, course: 271.5,
      fix_time: '2026-01-01T00:00:00.000Z', battery_level: 81, n,
    },
  });
}

export class Publisher {
  #socket;
  #owed = 0;
  #settled = () => {};

  static async connect(path) {
    const publisher = new Publisher();
    publisher.#socket = net.connect(path);
    publisher.#socket.on('data', (bytes) => publisher.#count(bytes));
    await new Promise((done, failed) => {
      publisher.#socket.once('connect', done);
      publisher.#socket.once('error', failed);
    });
    return publisher;
  }

  // Each answer is one line for PUBLISH and two for XADD.
  #count(bytes) {
    for (const byte of bytes) if (byte === 10) --this.#owed;
    if (this.#owed === 0) this.#settled();
  }

  /** Sends notifications `first` … `first + count - 1`; ends when Redis has answered all. */
  async publish(way, first, count) {
    const text = [];
    for (let n = first; n < first + count; ++n) {
      text.push(way === 'channel' ? command('PUBLISH', 'socket:notifications', envelope(n))
        : command('XADD', 'socket:notification:inbox', '*', 'envelope', envelope(n)));
    }
    this.#owed += count * (way === 'channel' ? 1 : 2);
    const answered = new Promise((done) => (this.#settled = done));
    this.#socket.write(text.join(''));
    await answered;
  }

  close() {
    this.#socket.destroy();
  }
}
