import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {createServer} from 'node:net';
import {test} from 'node:test';

import {checkCount} from './import.mjs';
import {Connection, ask, request} from './raw_http.mjs';
import {RawSocket} from './raw_socket.mjs';
import {table} from './table.mjs';
import {ways} from './ways.mjs';

/** Serves connections one after the other with what `serve(socket)` does; its port. */
async function listen(t, serve) {
  const server = createServer(serve);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return server.address().port;
}

/** Writes a byte at a time. */
async function drip(socket, bytes) {
  for (const byte of Buffer.from(bytes)) {
    socket.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
}

test('answers are read whole, however they arrive', async (t) => {
  const port = await listen(t, (socket) => socket.on('data', () =>
    void drip(socket, 'HTTP/1.1 201 Created\r\nContent-Length: 8\r\n\r\n{"a":10}')));
  const connection = await Connection.open(port);
  assert.deepEqual(await ask(connection, 'POST', '/x', {body: '{}'}), {a: 10});
  assert.deepEqual(await ask(connection, 'POST', '/x', {body: '{}'}), {a: 10});
  connection.close();
});

test('what is refused and what is cut off is no answer', async (t) => {
  const port = await listen(t, (socket) => socket.on('data', (bytes) =>
    (bytes.includes('/cut') ? socket.destroy()
      : socket.write('HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno'))));
  const connection = await Connection.open(port);
  await assert.rejects(ask(connection, 'GET', '/x'), /GET \/x: 400 no/);
  await assert.rejects(ask(connection, 'GET', '/cut'), /ended/);
});

test('events are taken out of frames of every length', async (t) => {
  const frame = (text) => {
    const payload = Buffer.from(text);
    const head = payload.length < 126 ? Buffer.from([0x81, payload.length])
      : Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255]);
    return Buffer.concat([head, payload]);
  };
  const long = `42["event",{"text":"${'x'.repeat(300)}"}]`;
  const port = await listen(t, (socket) => socket.once('data', (head) => {
    const key = /sec-websocket-key: (.*)\r\n/i.exec(head.toString())[1];
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
    const frames = ['0{}', '40{}', '42["session",{}]', long, '42["event",{"n":2}]'].map(frame);
    void drip(socket, Buffer.concat(frames));
  }));
  const events = [];
  let complete;
  const all = new Promise((done) => (complete = done));
  const socket = await RawSocket.connect(port, 'token', (text) => {
    events.push(text);
    if (events.length === 3) complete();
  });
  await all;
  assert.deepEqual(events, ['42["session",{}]', long, '42["event",{"n":2}]']);
  socket.close();
});

test('every way says as many positions as it claims', () => {
  const one = ways.osmand.request(request, 'twi_x', 3, 1_700_000_000_000, 1);
  assert.match(one, /^GET \/api\/ingest\/osmand\?token=twi_x&id=vehicle-00003&lat=[\d.]+&lon=[\d.]+/);
  assert.match(one, /&timestamp=1700000000&speed=26\.05&/);
  const many = ways.owntracks.request(request, 'twi_x', 3, 1_700_000_000_000, 100);
  const [head, body] = many.split('\r\n\r\n');
  assert.match(head, new RegExp(`Content-Length: ${Buffer.byteLength(body)}`));
  const times = JSON.parse(body).map(({tst}) => tst);
  assert.deepEqual(times, Array.from({length: 100}, (_, i) => 1_700_000_000 + i));
});

test('an import that lost rows is no figure', () => {
  const said = 'x.csv: 200,000 read, 200,000 stored, 0 there already, 0 refused\n';
  checkCount(said, 200_000);
  assert.throws(() => checkCount(said, 200_001), /not all/);
  assert.throws(() => checkCount('nothing', 1), /not all/);
});

test('short rows are filled up', () => {
  assert.equal(table('T', ['', 'a', 'b'], [['x', '1'], ['y', '1', '2']]),
    '**T**\n\n|  | a | b |\n|---|---:|---:|\n| x | 1 |  |\n| y | 1 | 2 |\n');
});
