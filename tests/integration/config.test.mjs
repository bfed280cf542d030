import assert from 'node:assert/strict';
import {readdir, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, test} from 'node:test';

import {Gateway, run, temporaryDirectory} from './lib/gateway.mjs';

let cwd;
before(async () => {
  cwd = await temporaryDirectory();
});
after(async () => {
  await import('node:fs/promises').then(({rm}) => rm(cwd, {recursive: true}));
});

async function checkFile(text) {
  await writeFile(join(cwd, 'trackwire.toml'), text);
  return run(['check-config', '--config', 'trackwire.toml'], {cwd});
}

test('check-config explains every key and where its value came from', async () => {
  await writeFile(join(cwd, 'trackwire.toml'), '[log]\nlevel = "warn"\n');
  const out = await run(['check-config', '--config', 'trackwire.toml'],
    {cwd, env: {TRACKWIRE_THREADS: '3', TRACKWIRE_AUTH_JWT_SECRET: 'hush', TRACKWIRE_TYPO: '1'}});
  assert.equal(out.code, 0, out.stderr);
  assert.match(out.stdout, /^log\.level = warn {2}\[trackwire\.toml:2\]$/m);
  assert.match(out.stdout, /^threads = 3 {2}\[TRACKWIRE_THREADS\]$/m);
  assert.match(out.stdout, /^recovery\.window_s = 120 {2}\[default\]$/m);
  assert.doesNotMatch(out.stdout, /hush/);
  assert.match(out.stderr, /TRACKWIRE_TYPO names no key/);
});

test('mistakes name the key and the line and end with code 2', async () => {
  const cases = [
    ['listen = "x"\n', /trackwire\.toml:1: listen: must be HOST:PORT/],
    ['\n\nlisten = 8080\n', /trackwire\.toml:3: listen: must be text/],
    ['[recovery]\nwindow = 1\n', /trackwire\.toml:2: there is no key recovery\.window.*window_s/],
    ['[redis]\nurl = "http://x"\n', /:2: redis\.url: /],
    ['[redis]\ntls_verify = false\n', /redis\.tls_verify does nothing without redis\.url/],
    ['[limits\n', /trackwire\.toml:1: /],
    ['[limits]\nmax_backlog_bytes = 20000\n', /conflate_above_bytes/],
  ];
  for (const [text, message] of cases) {
    const out = await checkFile(text);
    assert.equal(out.code, 2, text);
    assert.match(out.stderr, message);
    assert.equal(out.stdout, '');
  }
});

test('wrong usage ends with code 2, help with code 0', async () => {
  for (const args of [[], ['dance'], ['serve', '--listen'], ['serve', '--colour', 'red'],
    ['token'], ['token', '--sub', 'a', '--expires', 'soon'], ['serve', '--threads', 'many'],
    ['serve', '--redis', '127.0.0.1'], ['fetch'], ['serve', '--set', 'x'],
    ['replay', '--file', 'x', '--speed', '0'], ['serve', '--config', 'none.toml']]) {
    const out = await run(args, {cwd});
    assert.equal(out.code, 2, args.join(' '));
    assert.notEqual(out.stderr, '', args.join(' '));
  }
  for (const args of [['--help'], ...['serve', 'token', 'publish', 'replay', 'check-config',
    'version'].map((name) => [name, '--help'])]) {
    const out = await run(args, {cwd});
    assert.equal(out.code, 0, args.join(' '));
    assert.match(out.stdout, /Usage: trackwire/);
  }
  const version = await run(['version'], {cwd});
  assert.match(version.stdout, /^trackwire \d+\.\d+\.\d+\n$/);
});

test('a port that is taken is an error, although shards share theirs', async () => {
  const first = await Gateway.start(['--threads', '2']);
  // Who never listened owes nobody a notice of its end.
  const second = await run(['serve', '--threads', '2', '--listen', `127.0.0.1:${first.port}`,
    '--set', 'drain.notice_ms=600000', '--set', 'drain.limit_s=600'], {cwd});
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`127\\.0\\.0\\.1:${first.port}`));
  assert.equal((await first.get('/healthz')).status, 200);
  await first.stop();
});

test('two gateways cannot share one journal', async () => {
  const first = await Gateway.start();
  const second = await run(['serve', '--listen', '127.0.0.1:0'], {cwd: first.directory});
  assert.equal(second.code, 1);
  assert.match(second.stderr, /journal/);
  await first.stop();
});

test('a database that cannot be opened is said', async () => {
  const out = await run(['serve', '--listen', '127.0.0.1:0', '--database',
    'sqlite:///no/such/place/x.db'], {cwd});
  assert.equal(out.code, 1);
  assert.match(out.stderr, /\/no\/such\/place/);
});

test('the start says what runs; the secret is made once, for its owner alone', async () => {
  const gateway = await Gateway.start([], {TRACKWIRE_AUTH_JWT_SECRET: ''});
  assert.match(gateway.output, /broker +embedded/);
  assert.match(gateway.output, /store +SQLite/);
  assert.match(gateway.output, /off +Redis/);
  const file = join(gateway.directory, 'trackwire.secret');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  for (const name of await readdir(gateway.directory)) {
    const {mode} = await stat(join(gateway.directory, name));
    assert.equal(mode & 0o077, 0, `${name} is the server's alone`);
  }
  const made = await run(['token', '--sub', 'root', '--role', 'admin'], {cwd: gateway.directory});
  const answer = await gateway.post({message_type: 'x', notification: {}},
    {as: made.stdout.trim()});
  assert.equal(answer.status, 202);
  await gateway.stop();
});
