// Crowds of slow, silent and hostile connections beside official clients, which must go on
// receiving everything; afterwards the server is as small as before.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {after, afterEach, before, describe, test} from 'node:test';
import {gzipSync} from 'node:zlib';

import {Client} from './lib/client.mjs';
import {Crowd, frame, isSanitized, residentBytes, scatter, upgrade} from './lib/crowd.mjs';
import {Gateway} from './lib/gateway.mjs';
import {admin, publisher} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

after(scatter);

/** Far more than anything here should leave behind, far less than any of it would cost unbounded. */
const growth = 250_000_000;
const crowdSize = 1_500;
const polling = '/socket.io/?EIO=4&transport=polling';
const get = (path, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const post = (path, length, body, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n${more}\r\n${body}`;
const set = (...pairs) => pairs.flatMap((pair) => ['--set', pair]);

for (const threads of ['1', '2']) {
  describe(`a crowd before ${threads} shards`, () => {
    let gateway;
    let healthy;
    let crowd;
    let start;
    let round = 0;

    /**
     * Says the next number. A connection that waits between two requests may have made room for
     * others; what is said again under the same id is said once.
     */
    async function publish(more = {}) {
      const envelope = {message_type: 'news', id: `news ${++round}`, notification: {n: round, ...more}};
      await eventually(async () => {
        const answer = await gateway.post(envelope).catch(() => undefined);
        return answer?.status === 202;
      }, 'a publisher to be heard');
    }

    /** Everybody who behaves gets what is said now. */
    async function servesOn() {
      await publish();
      for (const client of healthy) await client.reach('news', round);
    }

    async function metric(name) {
      const all = await eventually(() => gateway.metrics().catch(() => undefined), 'metrics');
      return all[`trackwire_${name}`];
    }

    before(async () => {
      gateway = await Gateway.start(['--threads', threads, ...set(
        'limits.head_timeout_ms=2000', 'limits.stall_timeout_ms=2000',
        'limits.connect_timeout_ms=2000', 'limits.max_waiting_connections=400',
        'limits.max_unfinished_handshakes=300', 'limits.max_input_bytes=20000000',
        'limits.max_total_backlog_bytes=40000000', 'limits.min_bytes_per_second=60000',
      )], {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news'});
      healthy = [
        await Client.connect(gateway.url),
        await Client.connect(gateway.url, {token: admin()}),
        await Client.connect(gateway.url, {transports: ['polling']}),
      ];
      await servesOn();
      start = residentBytes(gateway.pid);
    });

    afterEach(async () => {
      await servesOn();
      crowd.leave();
      // Who came goes, and what was held for them with it.
      await eventually(async () => await metric('tcp_connections') <= 20, 'the crowd to be gone');
      assert.equal(await metric('input_bytes'), 0);
      await servesOn();
      assert.deepEqual(healthy.map((client) => client.disconnects), [[], [], []]);
      // Nobody else is kept out either.
      const newcomer = await Client.connect(gateway.url);
      newcomer.close();
      const grown = residentBytes(gateway.pid) - start;
      const allowed = isSanitized(gateway.pid) ? 6 * growth : growth;
      assert.ok(grown < allowed, `grown by ${grown} bytes`);
    });

    after(async () => {
      for (const client of healthy) client.close();
      const numbers = Array.from({length: round}, (_, i) => i + 1);
      for (const client of healthy) assert.deepEqual(client.numbers('news'), numbers);
      await gateway.stop();
    });

    test('connections that say nothing', async () => {
      crowd = await new Crowd(gateway.port).come(crowdSize);
      await servesOn();
      await eventually(() => crowd.open <= 400, 'those who wait longest to go');
      assert.ok(await metric('evicted_total{kind="waiting"}') > 0);
    });

    test('heads that never end, a byte at a time', async () => {
      crowd = await new Crowd(gateway.port).come(300, () => get('/').slice(0, -2) + 'X: ');
      while (crowd.open > 0) {
        await crowd.say('x');
        await servesOn();
      }
      assert.ok(await metric('too_slow_total') > 0);
    });

    test('bodies that never end', async () => {
      const body = 'x'.repeat(60_000);
      crowd = await new Crowd(gateway.port).come(crowdSize,
        () => post('/api/notifications', 900_000, body, `Authorization: Bearer ${publisher()}\r\n`));
      await servesOn();
      await eventually(() => crowd.answers.some((text) => text.startsWith('HTTP/1.1 503')),
        'what all hold together to be bounded');
      await eventually(() => crowd.open === 0, 'the rest to be told that they are late');
      assert.ok(crowd.answers.every((text) => /^(HTTP\/1\.1 (408|503)|$)/.test(text)));
    });

    test('polling sessions that never poll', async () => {
      crowd = await new Crowd(gateway.port).come(crowdSize, () => get(polling, 'Connection: close\r\n'));
      await servesOn();
      assert.ok(await metric('unfinished_handshakes') <= 300);
      assert.ok(await metric('evicted_total{kind="unfinished"}') > 0);
      await eventually(async () => await metric('unfinished_handshakes') === 0,
        'the handshakes to be given up');
    });

    test('WebSockets that never join a namespace', async () => {
      crowd = await new Crowd(gateway.port).come(crowdSize, () => upgrade);
      await servesOn();
      await eventually(async () => await metric('unfinished_handshakes') === 0,
        'the handshakes to be given up');
    });

    test('messages in fragments without end', async () => {
      const part = frame(1, `42["x","${'y'.repeat(50_000)}`, {fin: false});
      crowd = await new Crowd(gateway.port).come(crowdSize,
        () => Buffer.concat([Buffer.from(upgrade), frame(1, '40'), part]));
      await servesOn();
      await eventually(() => crowd.answers.some((text) => text.includes('\x88\x02\x03\xf5')),
        'a close with 1013');
      await eventually(() => crowd.answers.some((text) => text.includes('\x88\x02\x03\xf0')),
        'a close with 1008');
    });

    test('binary events whose attachments never come', async () => {
      const event = frame(1, '4510-["x",{"_placeholder":true,"num":0}]');
      const attachment = frame(2, Buffer.alloc(50_000));
      crowd = await new Crowd(gateway.port).come(crowdSize,
        () => Buffer.concat([Buffer.from(upgrade), frame(1, '40'), event, attachment]));
      await servesOn();
      assert.ok(await metric('input_bytes') <= 20_000_000);
      assert.ok(await metric('input_refused_total') > 0);
    });

    test('floods of pings, and nobody who reads the pongs', async () => {
      const flood = Buffer.concat(Array.from({length: 500}, () => frame(9, 'x'.repeat(125))));
      crowd = await new Crowd(gateway.port).come(200,
        () => Buffer.concat([Buffer.from(upgrade), frame(1, '40')]), {pause: true});
      for (let i = 0; i < 5; ++i) {
        crowd.sockets.forEach((socket) => socket.write(flood));
        await servesOn();
      }
    });

    test('readers that read nothing', async () => {
      // Few, because what the kernel keeps for each is megabytes.
      crowd = await new Crowd(gateway.port).come(40,
        () => Buffer.concat([Buffer.from(upgrade), frame(1, '40')]), {pause: true});
      await eventually(async () => await metric('sockets') >= 40, 'everybody to be seated');
      const filler = 'x'.repeat(200_000);
      // At the pace of those who read, until those who do not are cut off.
      while (await metric('slow_disconnects_total') === 0) {
        await publish({filler});
        for (const client of healthy) await client.reach('news', round);
      }
    });

    test('connections that come and are reset', async () => {
      crowd = new Crowd(gateway.port);
      for (const greeting of ['', 'G', get(polling), upgrade, post(polling, 10, '4')]) {
        await crowd.come(400, () => greeting);
        crowd.sockets.forEach((socket) => socket.resetAndDestroy());
        await servesOn();
      }
    });

    test('floods of requests for one polling session', async () => {
      const open = await gateway.get(polling);
      const {sid} = JSON.parse(open.body.slice(1));
      crowd = await new Crowd(gateway.port).come(crowdSize, (i) => i % 2
        ? get(`${polling}&sid=${sid}`, 'Connection: close\r\n')
        : post(`${polling}&sid=${sid}`, 2, '40', 'Connection: close\r\n'));
      await eventually(() => crowd.open === 0, 'answers to all');
      assert.ok(crowd.answers.every((text) => /^(HTTP\/1\.1 (200|400)|$)/.test(text)));
    });

    test('many packets in one body', async () => {
      const packets = Array.from({length: 140_000}, () => '42["x"]').join('\x1e').slice(0, 999_999);
      crowd = new Crowd(gateway.port);
      const sessions = await Promise.all(Array.from({length: 5}, async () =>
        JSON.parse((await gateway.get(polling)).body.slice(1)).sid));
      await crowd.come(5, (i) => post(`${polling}&sid=${sessions[i]}`, 2, '40') +
        post(`${polling}&sid=${sessions[i]}`, packets.length, packets, 'Connection: close\r\n'));
      await eventually(() => crowd.open === 0, 'answers to all');
    });
  });
}

test('an address has its share of connections, others have theirs', async () => {
  const gateway = await Gateway.start(set('limits.max_connections_per_address=20'),
    {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news'});
  const client = await Client.connect(gateway.url);
  const crowd = await new Crowd(gateway.port).come(300, () => upgrade, {localAddress: '127.0.0.2'});
  await eventually(() => crowd.open === 20, 'all but its share to be closed');
  await gateway.say('news', 1);
  await client.reach('news', 1);
  assert.equal((await gateway.metrics()).trackwire_tcp_refused_address_total, 280);
  crowd.leave();
  const again = new Crowd(gateway.port);
  await eventually(async () => {
    await again.come(1, () => upgrade, {localAddress: '127.0.0.2'});
    return again.answers.some((text) => text.startsWith('HTTP/1.1 101'));
  }, 'the address to be let in again');
  assert.deepEqual(client.disconnects, []);
  client.close();
  scatter();
  await gateway.stop();
});

test('without descriptors the clients that are there are served, and later all are', async () => {
  const gateway = await Gateway.start(['--threads', '2'], {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news'});
  const client = await Client.connect(gateway.url);
  execFileSync('prlimit', ['--pid', `${gateway.pid}`, '--nofile=200:200']);
  const crowd = await new Crowd(gateway.port).come(1_000, () => upgrade);
  await eventually(() => /cannot accept connections for now/.test(gateway.log), 'descriptors to run out');
  // Publishing needs a connection itself: it gets one when the crowd gives way.
  crowd.leave();
  await gateway.say('news', 1);
  await client.reach('news', 1);
  const newcomer = await Client.connect(gateway.url);
  assert.deepEqual(client.disconnects, []);
  for (const one of [client, newcomer]) one.close();
  await gateway.stop();
});

test('packed bodies and packed messages are refused, not opened', async () => {
  const gateway = await Gateway.start();
  const headers = {'content-encoding': 'gzip', authorization: `Bearer ${publisher()}`};
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const answer = await fetch(`${gateway.url}/api/notifications`, {method: 'POST', headers, body: bomb});
  assert.equal(answer.status, 415);
  const offer = upgrade.replace('\r\n\r\n',
    '\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n');
  const crowd = await new Crowd(gateway.port).come(1,
    () => Buffer.concat([Buffer.from(offer), frame(1, Buffer.from([0xf2, 0x48]), {rsv: 0x40})]));
  await eventually(() => crowd.open === 0, 'the end of it');
  assert.match(crowd.answers[0], /^HTTP\/1\.1 101/);
  assert.doesNotMatch(crowd.answers[0], /permessage-deflate/i);
  assert.ok(crowd.answers[0].includes('\x88\x02\x03\xea'), 'closed with 1002');
  crowd.leave();
  await gateway.stop();
});
