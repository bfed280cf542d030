// HTTP connections that send requests as they are given and read no more of answers than they must:
// a client library would be measured with them.
import net from 'node:net';

const END = Buffer.from('\r\n\r\n');

/** One keep-alive connection, one request at a time. */
export class Connection {
  #socket;
  #bytes = Buffer.alloc(0);
  #answered;

  static async open(port) {
    const connection = new Connection();
    connection.#socket = net.connect({port, host: '127.0.0.1', noDelay: true});
    connection.#socket.on('data', (chunk) => connection.#take(chunk));
    connection.#socket.on('close', () => connection.#fail(new Error('the connection ended')));
    connection.#socket.on('error', (error) => connection.#fail(error));
    await new Promise((done, failed) => {
      connection.#socket.once('connect', done);
      connection.#socket.once('error', failed);
    });
    return connection;
  }

  #take(chunk) {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const end = this.#bytes.indexOf(END);
    if (end < 0) return;
    const head = this.#bytes.latin1Slice(0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const size = end + END.length + length;
    if (this.#bytes.length < size) return;
    const body = this.#bytes.subarray(end + END.length, size);
    this.#bytes = this.#bytes.subarray(size);
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.done({status: Number(head.slice(9, 12)), body});
  }

  #fail(error) {
    this.#answered?.failed(error);
    this.#answered = undefined;
  }

  /** Sends the bytes of a whole request; {status, body} of its answer. */
  send(request) {
    return new Promise((done, failed) => {
      this.#answered = {done, failed};
      this.#socket.write(request);
    });
  }

  close() {
    this.#socket.destroy();
  }
}

/** The text of a request. */
export function request(method, target, {token, type = 'application/json', body} = {}) {
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: 127.0.0.1'];
  if (token) lines.push(`Authorization: Bearer ${token}`);
  if (body !== undefined) {
    lines.push(`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** Asks, and fails unless the answer's status is a good one; its JSON, if it has any. */
export async function ask(connection, method, target, options) {
  const {status, body} = await connection.send(request(method, target, options));
  if (status >= 300) throw new Error(`${method} ${target}: ${status} ${body}`);
  return body.length > 0 ? JSON.parse(body.toString()) : undefined;
}
