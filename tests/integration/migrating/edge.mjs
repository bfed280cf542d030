// The reverse proxy in front of both servers: one rule says who gets /socket.io/.

import http from 'node:http';
import net from 'node:net';

export class Edge {
  /** Ports; assigned while it runs, as an operator reloads a proxy. */
  sockets = 0;
  application = 0;
  port = 0;
  #server;
  #open = new Set();

  static async start() {
    const edge = new Edge();
    edge.#server = http.createServer((request, response) => edge.#forward(request, response));
    edge.#server.on('upgrade', (request, near, head) => edge.#tunnel(request, near, head));
    edge.#server.on('connection', (connection) => {
      edge.#open.add(connection);
      connection.on('close', () => edge.#open.delete(connection));
    });
    await new Promise((resolve) => edge.#server.listen(0, '127.0.0.1', resolve));
    edge.port = edge.#server.address().port;
    return edge;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  #target(request) {
    return request.url.startsWith('/socket.io/') ? this.sockets : this.application;
  }

  #forward(request, response) {
    const onward = http.request({
      host: '127.0.0.1',
      port: this.#target(request),
      method: request.method,
      path: request.url,
      headers: request.headers,
    }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => (response.headersSent ? response.destroy()
      : response.writeHead(502).end()));
    request.pipe(onward);
  }

  #tunnel(request, near, head) {
    const far = net.connect({host: '127.0.0.1', port: this.#target(request)}, () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let i = 0; i < request.rawHeaders.length; i += 2) {
        lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
      }
      far.write(`${lines.join('\r\n')}\r\n\r\n`);
      far.write(head);
      near.pipe(far).pipe(near);
    });
    for (const [one, other] of [[near, far], [far, near]]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  }

  async close() {
    for (const connection of this.#open) connection.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
