// A balancer without any affinity: each request, not each connection, goes to the next gateway.

import http from 'node:http';
import net from 'node:net';

export class RoundRobin {
  #server;
  #ports;
  #turn = 0;
  #sockets = new Set();
  port = 0;
  requests = 0;
  upgrades = 0;

  static async over(ports) {
    const balancer = new RoundRobin();
    balancer.#ports = [...ports];
    balancer.#server = http.createServer({keepAliveTimeout: 60_000}, (request, response) =>
      balancer.#pass(request, response));
    balancer.#server.on('upgrade', (request, socket, head) =>
      balancer.#join(request, socket, head));
    balancer.#server.on('connection', (socket) => balancer.#keep(socket));
    await new Promise((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve));
    balancer.port = balancer.#server.address().port;
    return balancer;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Sends nobody there any more. */
  leaveOut(port) {
    this.#ports = this.#ports.filter((other) => other !== port);
  }

  takeIn(port) {
    this.#ports.push(port);
  }

  #next() {
    return this.#ports[this.#turn++ % this.#ports.length];
  }

  #keep(socket) {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }

  /** Asks the next one when one does not listen, as balancers do. */
  async #pass(request, response) {
    ++this.requests;
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;  // the client went away
    }
    this.#ask(request, Buffer.concat(chunks), response, this.#ports.length);
  }

  #ask(request, body, response, tries) {
    const {method, url: path, headers} = request;
    const port = this.#next();
    const onward = http.request({host: '127.0.0.1', port, method, path, headers, agent: false});
    response.on('close', () => onward.destroy());
    onward.on('socket', (socket) => this.#keep(socket));
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    onward.on('error', (error) => {
      if (error.code === 'ECONNREFUSED' && tries > 1) {
        return this.#ask(request, body, response, tries - 1);
      }
      return response.destroy();
    });
    onward.end(body);
  }

  #join(request, near, head) {
    ++this.upgrades;
    const far = net.connect({host: '127.0.0.1', port: this.#next(), noDelay: true});
    this.#keep(far);
    const fields = request.rawHeaders.reduce((text, word, i) =>
      text + word + (i % 2 ? '\r\n' : ': '), '');
    far.write(`${request.method} ${request.url} HTTP/1.1\r\n${fields}\r\n`);
    far.write(head);
    near.pipe(far);
    far.pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }

  async close() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#sockets.forEach((socket) => socket.destroy());
    await closed;
  }
}
