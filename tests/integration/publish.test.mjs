import assert from 'node:assert/strict';
import {readdir, rm} from 'node:fs/promises';
import {after, before, test} from 'node:test';

import {io} from 'socket.io-client';

import {Client} from './lib/client.mjs';
import {Gateway, run, temporaryDirectory} from './lib/gateway.mjs';
import {admin, member, publisher, token} from './lib/token.mjs';

let gateway;
before(async () => {
  gateway = await Gateway.start([], {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news,mark'});
});
after(() => gateway.stop());

test('a notification from the command line reaches a client of ten lines', async () => {
  const own = await Gateway.start([], {
    TRACKWIRE_AUTH_JWT_SECRET: '',
    TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'hello',
  });
  try {
    const socket = io(own.url, {transports: ['websocket']});
    const heard = new Promise((resolve) => socket.on('hello', resolve));
    await new Promise((resolve) => socket.on('session', resolve));
    const published = await run(
      ['publish', '--url', own.url, '{"message_type":"hello","notification":{"to":"world"}}'],
      {cwd: own.directory});
    assert.equal(published.code, 0, published.stderr);
    assert.match(published.stdout, /^\S+\.\d+-\d+\n$/);
    assert.deepEqual(await heard, {to: 'world'});
    socket.disconnect();
  } finally {
    await own.stop();
  }
});

test('publish reads JSON texts from its input and says which were refused', async () => {
  const input = [
    '{"message_type":"news","notification":{"n":1}}',
    '',
    '{"message_type":"news",',
    ' "notification":{"n":2}}',
    '[{"message_type":"news","notification":{"n":3}},{"message_type":"news"}]',
  ].join('\n');
  const out = await run(['publish', '--url', gateway.url, '--token', publisher()], {input});
  assert.equal(out.code, 1);
  assert.equal(out.stdout.trim().split('\n').length, 3);
  assert.match(out.stderr, /envelope 4: missing_notification/);
});

test('publish fails clearly without a gateway, with a bad token, with bad JSON', async () => {
  const nobody = await run(['publish', '--url', 'http://127.0.0.1:9', '--token', 'x', '{}']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /^trackwire: .*connect/i);
  const stranger = await run(['publish', '--url', gateway.url, '--token', 'x', '{}']);
  assert.equal(stranger.code, 1);
  assert.match(stranger.stderr, /401, unauthorized/);
  const broken = await run(['publish', '--url', gateway.url, '--token', publisher()],
    {input: '{"a":1}\n{"b":}\n'});
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /line 2/);
});

test('publish sends no body longer than the gateway takes', async () => {
  const limit = {TRACKWIRE_LIMITS_MAX_PAYLOAD_BYTES: '2000'};
  const own = await Gateway.start([], limit);
  const input = Array.from({length: 50}, (_, n) =>
    JSON.stringify({message_type: 'news', notification: {n, more: 'x'.repeat(n * 30)}})).join('\n');
  const out = await run(['publish', '--url', own.url, '--token', publisher()], {input, env: limit});
  assert.equal(out.stderr, '');
  assert.equal(out.stdout.trim().split('\n').length, 50);
  await own.stop();
});

test('publish and token make no secret of their own where the server has none', async () => {
  const cwd = await temporaryDirectory();
  for (const [args, remedy] of [[['publish', '--url', gateway.url, '{}'], /--token/],
    [['token', '--sub', 'ann'], /configuration/]]) {
    const out = await run(args, {cwd});
    assert.equal(out.code, 1);
    assert.match(out.stderr, /trackwire\.secret: there is no secret here/);
    assert.match(out.stderr, remedy);
  }
  assert.deepEqual(await readdir(cwd), []);
  await rm(cwd, {recursive: true});
});

test('token makes what the gateway accepts', async () => {
  const made = await run(
    ['token', '--sub', 'ann', '--role', 'user', '--client', 'acme', '--client', '7', '--expires',
      '5m'],
    {env: {TRACKWIRE_AUTH_JWT_SECRET: 'a secret that only these tests know'}});
  assert.equal(made.code, 0, made.stderr);
  const client = await Client.connect(gateway.url, {token: made.stdout.trim()});
  const [session] = client.of('session');
  assert.equal(session.user, 'ann');
  assert.deepEqual(session.clients, ['acme', 7]);
  assert.ok(new Date(session.expires_at) - Date.now() < 301_000);
  client.close();
});

test('results stand in the order of the envelopes, and each id counts once', async () => {
  const client = await Client.connect(gateway.url);
  const {status, body} = await gateway.post([
    {message_type: 'news', notification: {n: 10}, id: 'ten'},
    {message_type: 'news'},
    {message_type: 'news', notification: {n: 11}, id: 'ten'},
    {message_type: 'news', notification: {n: 12}},
  ]);
  assert.equal(status, 202);
  assert.deepEqual(body.results.map((result) => result.error?.code),
    [undefined, 'missing_notification', undefined, undefined]);
  assert.equal(body.results[2].offset, body.results[0].offset);
  const again = await gateway.post({message_type: 'news', notification: {n: 13}, id: 'ten'});
  assert.equal(again.body.results[0].offset, body.results[0].offset);
  await gateway.say('mark', 1);
  await client.reach('mark', 1);
  assert.deepEqual(client.numbers('news'), [10, 12]);
  client.close();
});

test('the object arrives byte for byte', async () => {
  const object = '{ "b":1.50,"a":48.8583701, "e":1E5,"t":"\\u00e9\\/","n":-0 }';
  const line = new EngineText(gateway.url);
  await line.session;
  await gateway.post(`{"message_type":"news" , "notification":${object}}`);
  const text = await line.event;
  assert.equal(text.slice(0, text.lastIndexOf(',')), `42["news",${object}`);
});

test('only who may publish can', async () => {
  const envelope = {message_type: 'news', notification: {}};
  const cases = [
    [401, {as: ''}],
    [401, {as: 'nonsense'}],
    [401, {as: token({role: 'admin', exp: 1})}],
    [401, {as: token({role: 'admin'}, {key: 'another key'})}],
    [403, {as: member('acme')}],
    [202, {as: admin()}],
    [202, {as: publisher()}],
  ];
  for (const [status, options] of cases) {
    assert.equal((await gateway.post(envelope, options)).status, status, JSON.stringify(options));
  }
  const byCookie = await fetch(`${gateway.url}/api/notifications`, {
    method: 'POST',
    headers: {cookie: `access_token=${admin()}`},
    body: JSON.stringify(envelope),
  });
  assert.equal(byCookie.status, 401, 'a cookie is sent by the browser for any page');
});

test('what is wrong with a request is said', async () => {
  const cases = [
    ['{', 400, 'bad_json'],
    ['', 400, 'bad_json'],
    ['7', 400, 'not_an_envelope'],
    ['{"message_type":"connect","notification":{}}', 400, 'bad_message_type'],
    ['{"message_type":"x","notification":[]}', 400, 'bad_notification'],
    ['{"message_type":"x","notification":{},"socket_id":7}', 400, 'bad_socket_id'],
    [`{"message_type":"x","notification":{"a":"${'x'.repeat(1_000_000)}"}}`, 413, 'too_large'],
  ];
  for (const [body, status, code] of cases) {
    const answer = await gateway.post(body);
    assert.equal(answer.status, status, body.slice(0, 60));
    assert.equal(answer.body.error.code, code);
    assert.ok(answer.body.error.message);
  }
  const got = await gateway.get('/api/notifications');
  assert.equal(got.status, 405);
  assert.match(got.headers.get('allow'), /POST/);
});

test('visibility: anonymous, user, admin', async () => {
  const visitor = await Client.connect(gateway.url);
  const user = await Client.connect(gateway.url, {token: member('acme')});
  const root = await Client.connect(gateway.url, {token: admin()});
  await gateway.post([
    {message_type: 'memo', notification: {n: 1}},
    {message_type: 'memo', notification: {n: 2}, client_id: 'acme'},
    {message_type: 'memo', notification: {n: 3}, client_id: 'other'},
    {message_type: 'memo', notification: {n: 4}, socket_id: visitor.socket.id},
    {message_type: 'tracker_location_updated', notification: {n: 5, tracker_id: 'unknown'}},
    {message_type: 'tracker_status_change', notification: {n: 6}},
    {message_type: 'mark', notification: {n: 2}},
  ]);
  for (const client of [visitor, user, root]) await client.reach('mark', 2);
  assert.deepEqual(visitor.numbers('memo'), [4]);
  assert.deepEqual(user.numbers('memo'), [1, 2]);
  assert.deepEqual(root.numbers('memo'), [1, 2, 3]);
  assert.deepEqual(visitor.numbers('tracker_location_updated'), []);
  assert.deepEqual(user.numbers('tracker_location_updated'), []);
  assert.deepEqual(root.numbers('tracker_location_updated'), [5]);
  assert.deepEqual(root.numbers('tracker_status_change'), [6]);
  for (const client of [visitor, user, root]) client.close();
});

test('in the place of another server, unknown trackers are public', async () => {
  const own = await Gateway.start(['--drop-in']);
  try {
    const client = await Client.connect(own.url);
    await own.post({message_type: 'tracker_location_updated',
      notification: {n: 1, tracker_id: 'x'}});
    await client.reach('tracker_location_updated', 1);
    client.close();
  } finally {
    await own.stop();
  }
});

test('without a token there is no entry when one is required', async () => {
  const own = await Gateway.start([], {TRACKWIRE_AUTH_REQUIRE_AUTH: 'true'});
  try {
    for (const [given, code] of [[undefined, 'token_missing'], ['x', 'token_invalid'],
      [token({exp: 1}), 'token_expired']]) {
      const client = new Client(own.url, {token: given, reconnection: false});
      const error = await client.refusal();
      assert.equal(error.data.code, code);
      client.close();
    }
    assert.equal((await own.get('/api/trackers')).status, 401);
    const client = await Client.connect(own.url, {token: member('acme')});
    client.close();
    assert.doesNotMatch(own.log, /eyJ/, 'no token stands in the log');
  } finally {
    await own.stop();
  }
});

/** Long-polling by hand: the text as it is on the wire. */
class EngineText {
  constructor(url) {
    this.base = `${url}/socket.io/?EIO=4&transport=polling`;
    this.session = new Promise((resolve) => (this.haveSession = resolve));
    this.event = this.#run();
  }

  async #run() {
    const open = await (await fetch(this.base)).text();
    this.base += `&sid=${JSON.parse(open.slice(1)).sid}`;
    await fetch(this.base, {method: 'POST', body: '40'});
    for (;;) {
      const packets = (await (await fetch(this.base)).text()).split('\x1e');
      for (const packet of packets) {
        if (packet.startsWith('42["session"')) this.haveSession();
        else if (packet.startsWith('42')) return packet;
      }
    }
  }
}
