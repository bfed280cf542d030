import assert from 'node:assert/strict';
import {once} from 'node:events';
import net from 'node:net';
import {test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway} from './lib/gateway.mjs';
import {eventually} from './lib/wait.mjs';

test('SIGTERM closes transports, so that clients come back and lack nothing', async () => {
  const gateway = await Gateway.start(['--threads', '2'],
    {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news'});
  const clients = [];
  for (const transports of [['websocket'], ['polling'], ['websocket'], ['polling', 'websocket']]) {
    clients.push(await Client.connect(gateway.url, {transports}));
  }
  await gateway.say('news', 1);
  for (const client of clients) await client.reach('news', 1);
  gateway.signal('SIGTERM');
  assert.equal(await gateway.ended(), 0);
  for (const client of clients) {
    await eventually(() => client.disconnects.length === 1, 'the client to notice');
    assert.notEqual(client.disconnects[0], 'io server disconnect');
    assert.match(client.disconnects[0], /^transport (close|error)$/);
  }
  await gateway.restart();
  await gateway.say('news', 2);
  for (const client of clients) {
    await client.reach('news', 2);
    assert.equal((await client.event('session', 2)).recovered, true);
    assert.deepEqual(client.numbers('news'), [1, 2]);
    client.close();
  }
  await gateway.stop();
});

test('what was taken in is answered and stored before the end', async () => {
  const gateway = await Gateway.start();
  const answers = [];
  for (let i = 0; i < 50; ++i) {
    answers.push(gateway.post({message_type: 'x', notification: {}, id: `id ${i}`})
      .catch(() => null));
  }
  await Promise.race(answers);
  gateway.signal('SIGTERM');
  assert.equal(await gateway.ended(), 0);
  const accepted = (await Promise.all(answers)).filter((answer) => answer?.status === 202);
  assert.ok(accepted.length > 0);
  await gateway.restart();
  for (const answer of accepted) {
    const {offset} = answer.body.results[0];
    const index = accepted.indexOf(answer);
    assert.match(offset, /^\S+\.\d+-\d+$/, `answer ${index}`);
  }
  const again = await gateway.post({message_type: 'x', notification: {}, id: 'id 0'});
  assert.equal(again.body.results[0].duplicate, true);
  await gateway.stop();
});

test('the log is silent about tokens and says that it stops', async () => {
  const gateway = await Gateway.start();
  gateway.signal('SIGINT');
  assert.equal(await gateway.ended(), 0);
  assert.match(gateway.log, /stopped/);
  await gateway.stop();
});

test('a second signal ends at once', async () => {
  // One connection a second: ten clients would take ten seconds to be closed.
  const gateway = await Gateway.start(['--threads', '1', '--set', 'drain.per_second=1']);
  const clients = [];
  for (let i = 0; i < 10; ++i) {
    clients.push(await Client.connect(gateway.url, {reconnection: false}));
  }
  gateway.signal('SIGTERM');
  await eventually(() => gateway.log.includes('stopping'), 'the first signal to be heard');
  gateway.signal('SIGTERM');
  assert.equal(await gateway.ended(), 128 + 15);
  clients.forEach((client) => client.close());
  await gateway.stop();
});

test('readiness goes off first, while everybody is still served', async () => {
  const gateway = await Gateway.start(['--set', 'drain.notice_ms=600000', '--set',
    'drain.limit_s=600'], {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news'});
  const client = await Client.connect(gateway.url, {reconnection: false});
  assert.equal((await gateway.get('/readyz')).status, 200);
  gateway.signal('SIGTERM');
  await eventually(async () => (await gateway.get('/readyz')).status === 503,
    'readiness to go off');
  // Over connections of their own, as a client that comes late or a publisher that has not heard.
  const late = await Client.connect(gateway.url, {reconnection: false});
  await gateway.say('news', 1);
  for (const served of [client, late]) await served.reach('news', 1);
  assert.equal(client.disconnects.length, 0);
  gateway.signal('SIGTERM');
  await gateway.ended();
  [client, late].forEach((each) => each.close());
  await gateway.stop();
});

test('while it stops, readiness says so and nobody new comes in', async () => {
  const gateway = await Gateway.start(['--threads', '1', '--set', 'drain.per_second=1']);
  const kept = net.connect(gateway.port, '127.0.0.1');
  await once(kept, 'connect');
  const ask = async () => {
    kept.write('GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n');
    const [chunk] = await once(kept, 'data');
    return chunk.toString();
  };
  assert.match(await ask(), /^HTTP\/1\.1 200[^]*"ready":true/);
  const clients = [];
  for (let i = 0; i < 5; ++i) {
    clients.push(await Client.connect(gateway.url, {reconnection: false}));
  }
  gateway.signal('SIGTERM');
  await eventually(() => gateway.log.includes('stopping'), 'the signal to be heard');
  const answer = await eventually(async () => {
    const text = await ask();
    return text.includes('"ready":false') && text;
  }, 'readiness to go off');
  assert.match(answer, /^HTTP\/1\.1 503/);
  await eventually(async () => {
    const socket = net.connect(gateway.port, '127.0.0.1');
    const refused = await new Promise((resolve) => {
      socket.once('connect', () => resolve(false));
      socket.once('error', () => resolve(true));
    });
    socket.destroy();
    return refused;
  }, 'new connections to be refused');
  assert.equal(await gateway.ended(), 0);
  kept.destroy();
  clients.forEach((client) => client.close());
  await gateway.stop();
});
