// https and wss: official clients, a certificate that changes under them, and those who come without.

import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readFile, rm, writeFile} from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {connect} from 'node:tls';
import {promisify} from 'node:util';

import {Client} from './lib/client.mjs';
import {Gateway, run, temporaryDirectory} from './lib/gateway.mjs';
import {publisher} from './lib/token.mjs';
import {eventually, within} from './lib/wait.mjs';

const execute = promisify(execFile);

let directory;
let certificate;
let key;
let gateway;

/** A new key with a certificate that signs itself, good for 127.0.0.1. */
async function certify(name, days = 90) {
  await execute('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
    '-nodes', '-keyout', key, '-out', certificate, '-days', String(days), '-subj', `/CN=${name}`,
    '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']);
  return readFile(certificate);
}

/** One request on a connection of its own, or on `agent`. */
function ask(url, {method = 'GET', headers = {}, body, ca, agent = false} = {}) {
  const client = url.startsWith('https:') ? https : http;
  return within(new Promise((resolve, reject) => {
    const request = client.request(url, {method, headers, ca, agent}, (response) => {
      const name = response.socket.getPeerCertificate?.().subject?.CN;
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(
        {status: response.statusCode, headers: response.headers, text, name}));
    });
    request.on('error', reject);
    request.end(body);
  }), `an answer of ${url}`);
}

const metric = async (name, ca) => {
  const {text} = await ask(`${gateway.url}/metrics`, {ca});
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
};

async function say(n, ca) {
  const {status, text} = await ask(`${gateway.url}/api/notifications`, {
    method: 'POST', ca,
    headers: {'content-type': 'application/json', authorization: `Bearer ${publisher()}`},
    body: JSON.stringify({message_type: 'tick', notification: {n}}),
  });
  assert.equal(status, 202, text);
}

let ca;
before(async () => {
  directory = await temporaryDirectory();
  certificate = join(directory, 'certificate.pem');
  key = join(directory, 'key.pem');
  ca = await certify('first');
  gateway = await Gateway.start(['--set', `tls.certificate=${certificate}`, '--set', `tls.key=${key}`,
    '--set', 'tls.redirect=127.0.0.1:0', '--threads', '2',
    '--set', 'visibility.public_events=tick']);
});
after(async () => {
  await gateway?.stop();
  await rm(directory, {recursive: true, force: true});
});

test('it says where it listens and what is served with', async () => {
  assert.match(gateway.url, /^https:/);
  assert.match(gateway.output, /^ {2}tls {7}CN=first, until 20/m);
  assert.doesNotMatch(gateway.output, /off.* TLS/);
});

test('an https client is answered, and told never to come without', async () => {
  const answer = await ask(`${gateway.url}/healthz`, {ca});
  assert.equal(answer.status, 200);
  const page = await ask(`${gateway.url}/api/trackers`, {ca});
  assert.equal(page.status, 200);
  assert.match(page.headers['strict-transport-security'], /max-age=/);
  const agent = new https.Agent({keepAlive: true, maxSockets: 1});
  for (let i = 0; i < 5; ++i) {
    assert.equal((await ask(`${gateway.url}/healthz`, {ca, agent})).status, 200);
  }
  agent.destroy();
});

test('curl and s_client agree on http/1.1, and on nothing else', async () => {
  const {stdout} = await execute('curl', ['-sS', '--cacert', certificate, '-w', '%{http_version}',
    '-o', '/dev/null', `${gateway.url}/healthz`]);
  assert.equal(stdout, '1.1');
  const sClient = async (...more) => {
    try {
      const child = execute('openssl', ['s_client', '-connect', `127.0.0.1:${gateway.port}`,
        '-CAfile', certificate, '-verify_return_error', ...more]);
      child.child.stdin.end();
      const {stdout: out, stderr} = await child;
      return out + stderr;
    } catch (error) {
      return error.stdout + error.stderr;
    }
  };
  const good = await sClient('-alpn', 'h2,http/1.1');
  assert.match(good, /ALPN protocol: http\/1\.1/);
  assert.match(good, /TLSv1\.3/);
  assert.match(good, /Verify return code: 0/);
  assert.match(await sClient('-alpn', 'h2'), /no application protocol/);
  assert.match(await sClient('-tls1_2'), /ECDHE-ECDSA-(AES|CHACHA)/);
  assert.match(await sClient('-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'), /protocol version/);
});

test('socket.io clients come by polling, by wss, and change over', async () => {
  const clients = await Promise.all([
    Client.connect(gateway.url, {ca, transports: ['polling']}),
    Client.connect(gateway.url, {ca, transports: ['websocket']}),
    Client.connect(gateway.url, {ca, transports: ['polling', 'websocket']}),
  ]);
  await eventually(() => clients[2].socket.io.engine.transport.name === 'websocket', 'the upgrade');
  for (let n = 0; n < 50; ++n) await say(n, ca);
  for (const client of clients) {
    await client.reach('tick', 49);
    assert.deepEqual(client.numbers('tick'), [...Array(50).keys()]);
  }
  assert.equal(await metric('trackwire_tls_connections', ca) >= 4, true);
  for (const client of clients) client.close();
});

test('who comes without TLS is told so, or sent on', async () => {
  const told = await ask(`http://127.0.0.1:${gateway.port}/healthz`);
  assert.equal(told.status, 400);
  assert.match(told.text, /https:\/\//);
  assert.equal(await metric('trackwire_tls_failures_total{reason="plain_http"}', ca), 1);
  const [, port] = /^ {2}sends on {2}http:\/\/127\.0\.0\.1:(\d+)$/m.exec(gateway.output);
  const sent = await ask(`http://127.0.0.1:${port}/some/page?a=b`, {method: 'POST', body: 'x'});
  assert.equal(sent.status, 308);
  assert.equal(sent.headers.location, `${gateway.url}/some/page?a=b`);
  const odd = await ask(`http://127.0.0.1:${port}/`, {headers: {host: 'a\\b'}});
  assert.equal(odd.status, 400);
});

test('SIGHUP brings a new certificate to new clients and leaves the old alone', async () => {
  const agent = new https.Agent({keepAlive: true, maxSockets: 1, maxCachedSessions: 0});
  assert.equal((await ask(`${gateway.url}/healthz`, {ca, agent})).name, 'first');
  const socket = await Client.connect(gateway.url, {ca});
  const before = await metric('trackwire_tls_certificate_not_after_seconds', ca);
  const oldCa = ca;

  ca = await certify('second', 180);
  gateway.signal('SIGHUP');
  await gateway.logged(/a new certificate serves from now on.*CN=second/);
  assert.equal((await ask(`${gateway.url}/healthz`, {ca})).name, 'second');
  const after = await metric('trackwire_tls_certificate_not_after_seconds', ca);
  assert.equal(Math.round((after - before) / 86_400), 90);
  assert.equal(await metric('trackwire_tls_reloads_total{outcome="changed"}', ca), 1);
  // On the connection that was open all the time.
  assert.equal((await ask(`${gateway.url}/healthz`, {ca: oldCa, agent})).status, 200);
  await say(1_000, ca);
  await socket.reach('tick', 1_000);
  assert.deepEqual(socket.disconnects, []);
  agent.destroy();
  socket.close();
});

test('a broken certificate is not taken, and told', async () => {
  const good = await readFile(key);
  await writeFile(key, 'half a key');
  gateway.signal('SIGHUP');
  await gateway.logged(/not read anew; the old one serves on.*tls\.key/);
  assert.equal((await ask(`${gateway.url}/healthz`, {ca})).name, 'second');
  assert.equal(await metric('trackwire_tls_reloads_total{outcome="failed"}', ca), 1);
  await writeFile(key, good);
  gateway.signal('SIGHUP');
  await gateway.logged(/the same certificate/);
});

test('a session is taken up on whatever shard', async () => {
  const first = connect({host: '127.0.0.1', port: gateway.port, ca});
  const session = await within(new Promise((resolve) => first.once('session', resolve)), 'a ticket');
  first.destroy();
  for (let i = 0; i < 6; ++i) {
    const next = connect({host: '127.0.0.1', port: gateway.port, ca, session});
    await within(new Promise((resolve) => next.once('secureConnect', resolve)), 'a handshake');
    assert.equal(next.isSessionReused(), true);
    next.destroy();
  }
});

test('check-config and serve say what is wrong with the files', async () => {
  const cases = [
    [[`tls.certificate=${certificate}`], /tls\.certificate and tls\.key belong together/],
    [['tls.redirect=127.0.0.1:80'], /tls\.redirect does nothing without/],
    [[`tls.certificate=${certificate}`, `tls.key=${certificate}`], /tls\.key: .*holds no private key/],
    [['tls.certificate=none.pem', `tls.key=${key}`], /tls\.certificate: cannot read .*none\.pem: No such file/],
    [[`tls.certificate=${certificate}`, 'tls.key=none.pem'], /tls\.key: cannot read .*none\.pem: No such file/],
  ];
  for (const [settings, message] of cases) {
    for (const command of ['check-config', 'serve']) {
      const more = settings.flatMap((setting) => ['--set', setting]);
      const out = await run([command, ...more], {cwd: directory});
      assert.equal(out.code, 2, `${command} ${settings}: ${out.stderr}`);
      assert.match(out.stderr, message);
    }
  }
  const fine = await run(['check-config', '--set', `tls.certificate=${certificate}`, '--set',
    `tls.key=${key}`], {cwd: directory});
  assert.equal(fine.code, 0, fine.stderr);
  const kept = await Promise.all([readFile(certificate), readFile(key)]);
  await certify('third', 3);
  const soon = await run(['check-config', '--set', `tls.certificate=${certificate}`, '--set',
    `tls.key=${key}`], {cwd: directory});
  assert.equal(soon.code, 0);
  assert.match(soon.stderr, /note: .*expires soon/);
  await writeFile(certificate, kept[0]);
  await writeFile(key, kept[1]);
});

test('a publisher at the command line trusts who signed', async () => {
  const args = ['publish', '--url', gateway.url, '--token', publisher(),
    '{"message_type":"tick","notification":{"n":1}}'];
  const refused = await run(args, {cwd: directory});
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /certificate/);
  const taken = await run([...args, '--ca', certificate], {cwd: directory});
  assert.equal(taken.code, 0, taken.stderr);
});

test('it stops in order', async () => {
  const client = await Client.connect(gateway.url, {ca, reconnection: false});
  gateway.signal('SIGTERM');
  assert.equal(await gateway.ended(), 0);
  await eventually(() => client.disconnects.length === 1, 'the end of the client');
});
