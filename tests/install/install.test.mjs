// Installs the libraries into a temporary directory and builds copies of the examples with
// find_package() alone.

import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join, relative} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {ask, collect, connected, newClient, once} from '../interop/lib/clients.mjs';
import {request} from '../interop/lib/http.mjs';
import {startProgram} from '../interop/lib/server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const sources = join(here, '../..');
const build = process.env.TRACKWIRE_BUILD_DIR;
const sanitize = process.env.TRACKWIRE_SANITIZE;
const place = mkdtempSync(join(tmpdir(), 'trackwire-install-'));
const prefix = join(place, 'prefix');
const hasCcache = spawnSync('ccache', ['--version']).status === 0;
// The place has another name each time.
Object.assign(process.env, {CCACHE_BASEDIR: place, CCACHE_NOHASHDIR: '1'});

function run(program, ...args) {
  const {status, stdout, stderr} = spawnSync(program, args, {encoding: 'utf8'});
  assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/** All files below a directory, by their path in it. */
function filesBelow(directory) {
  return readdirSync(directory, {recursive: true, withFileTypes: true})
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.path, entry.name)));
}

/** The fenced blocks of the tutorial that are called so behind the backquotes. */
function shown(info) {
  const text = readFileSync(join(sources, 'docs/socketio.md'), 'utf8');
  const blocks = [...text.matchAll(/^```(.+)\n([^]*?)^```/gm)].filter((match) => match[1] === info);
  assert.ok(blocks.length > 0, `the tutorial shows some ${info}`);
  return blocks.map((match) => match[2]);
}

/** All that it shows beside the files of its server, as one file. */
function snippets() {
  const bodies = shown('cpp body').map((body, i) =>
    `void Body${i}([[maybe_unused]] Namespace& nsp, [[maybe_unused]] Socket& socket) {\n${body}}\n`);
  return ['#include <iostream>\n#include <thread>\n#include <trackwire/socketio/socketio.h>\n',
    'using namespace std::chrono_literals;\nusing namespace trackwire::socketio;\n',
    ...shown('cpp'), 'namespace shown {\n', ...bodies, '}\n'].join('');
}

/** Builds the project in a directory; where its programs are. */
function buildProject(name, copy) {
  const into = join(place, `${name}-build`);
  mkdirSync(into);
  const headers = filesBelow(join(prefix, 'include')).sort();
  writeFileSync(join(into, 'all_headers.h'), headers.map((file) => `#include <${file}>\n`).join(''));
  writeFileSync(join(into, 'snippets.cc'), snippets());
  const flags = sanitize ? [`-DCMAKE_CXX_FLAGS=-fsanitize=${sanitize}`] : [];
  if (hasCcache) flags.push('-DCMAKE_CXX_COMPILER_LAUNCHER=ccache');
  run('cmake', '-S', copy, '-B', into, `-DCMAKE_PREFIX_PATH=${prefix}`, ...flags);
  run('cmake', '--build', into, '--parallel', '2');
  return into;
}

function buildCopy(name, from) {
  const copy = join(place, name);
  cpSync(from, copy, {recursive: true});
  return buildProject(name, copy);
}

/** A client of an example, closed at the end, with which `program` is stopped. */
async function clientOf(program, options) {
  const client = newClient(program.port, options);
  after(() => client.close());
  return connected(client);
}

before(() => run('cmake', '--install', build, '--prefix', prefix, '--component', 'development'));
after(() => rmSync(place, {recursive: true}));

test('what is installed knows nothing of the place it was built in', () => {
  const texts = filesBelow(prefix).filter((file) => /\.(h|cmake|md)$/.test(file));
  assert.ok(texts.includes('include/trackwire/socketio/server.h'), texts.join(' '));
  for (const file of texts) {
    const text = readFileSync(join(prefix, file), 'utf8');
    assert.ok(!text.includes(build) && !text.includes(join(sources, 'src')), file);
  }
});

test('all headers stand beside a program\'s own, and the cluster links', () => {
  const into = buildCopy('strict', join(here, 'strict'));
  execFileSync(join(into, 'strict'));
});

test('the example echo answers an official client', async () => {
  const into = buildCopy('echo', join(sources, 'examples/echo'));
  const program = await startProgram(join(into, 'echo'), ['0']);
  const client = await clientOf(program);
  assert.deepEqual(await ask(client, 'echo', 1, 'two'), [1, 'two']);
  assert.deepEqual(await ask(client, 'add', 1, 2.5), [3.5]);
  const echoed = collect(client, 'echo');
  client.emit('echo', Buffer.from([1, 2, 3]));
  assert.deepEqual(await echoed.next(), [Buffer.from([1, 2, 3])]);
  client.close();
  await program.stop();
});

test('the example chat serves its page and the client that was installed', async () => {
  const into = buildCopy('chat', join(sources, 'examples/chat'));
  const program = await startProgram(join(into, 'chat'), ['0']);
  const client = await clientOf(program);
  assert.equal((await ask(client, 'join', 'ada', 'lobby'))[0], null);
  assert.equal((await request(program.port, '/')).status, 200);
  assert.match((await request(program.port, '/socket.io/socket.io.min.js')).text, /Socket\.IO v4/);
  client.close();
  await program.stop();
});

test('the example conformance speaks to official clients', async () => {
  const into = buildCopy('conformance', join(sources, 'examples/conformance'));
  const program = await startProgram(join(into, 'conformance'), ['--port', '0', '--features']);
  const client = await clientOf(program);
  assert.deepEqual(await ask(client, 'message-with-ack', 1, {a: [true]}), [1, {a: [true]}]);
  assert.deepEqual(await ask(client, 'exists', '/dynamic-1'), [false]);
  client.close();
  await program.stop();
});

test('the server of the tutorial is a chat', async () => {
  const directory = join(place, 'tutorial');
  mkdirSync(directory);
  const [main] = shown('cpp main.cc');
  assert.ok(main.includes('options.port = 3000;'));
  writeFileSync(join(directory, 'main.cc'), main.replace('options.port = 3000;', 'options.port = 0;'));
  writeFileSync(join(directory, 'CMakeLists.txt'), shown('cmake CMakeLists.txt')[0]);
  writeFileSync(join(directory, 'index.html'), shown('html index.html')[0]);
  const into = buildProject('tutorial', directory);
  process.chdir(directory);
  const program = await startProgram(join(into, 'chat'), []);
  const ada = await clientOf(program, {auth: {name: 'Ada'}});
  const [joined, said] = [collect(ada, 'joined'), collect(ada, 'said')];
  const bob = await clientOf(program, {auth: {name: 'Bob'}});
  assert.deepEqual(await joined.next(), ['Bob']);
  assert.deepEqual(await ask(bob, 'say', 'hello'), [true]);
  assert.deepEqual(await said.next(), ['Bob', 'hello']);
  const nameless = newClient(program.port);
  assert.equal((await once(nameless, 'connect_error'))[0].message, 'say your name');
  assert.match((await request(program.port, '/')).text, /socket\.io\.min\.js/);
  for (const client of [ada, bob, nameless]) client.close();
  await program.stop();
});
