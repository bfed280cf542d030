// Installs the libraries into a temporary directory and builds copies of the examples with
// find_package() alone.

import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join, relative} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {ask, collect, connected, newClient} from '../interop/lib/clients.mjs';
import {startProgram} from '../interop/lib/server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const sources = join(here, '../..');
const build = process.env.TRACKWIRE_BUILD_DIR;
const sanitize = process.env.TRACKWIRE_SANITIZE;
const place = mkdtempSync(join(tmpdir(), 'trackwire-install-'));
const prefix = join(place, 'prefix');

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

/** Builds the project in a copied directory; where its programs are. */
function buildCopy(name, from) {
  const copy = join(place, name);
  cpSync(from, copy, {recursive: true});
  const into = join(place, `${name}-build`);
  mkdirSync(into);
  const headers = filesBelow(join(prefix, 'include')).sort();
  writeFileSync(join(into, 'all_headers.h'), headers.map((file) => `#include <${file}>\n`).join(''));
  const flags = sanitize ? [`-DCMAKE_CXX_FLAGS=-fsanitize=${sanitize}`] : [];
  run('cmake', '-S', copy, '-B', into, `-DCMAKE_PREFIX_PATH=${prefix}`, ...flags);
  run('cmake', '--build', into);
  return into;
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
  const client = newClient(program.port);
  after(() => client.close());
  await connected(client);
  assert.deepEqual(await ask(client, 'echo', 1, 'two'), [1, 'two']);
  assert.deepEqual(await ask(client, 'add', 1, 2.5), [3.5]);
  const echoed = collect(client, 'echo');
  client.emit('echo', Buffer.from([1, 2, 3]));
  assert.deepEqual(await echoed.next(), [Buffer.from([1, 2, 3])]);
  client.close();
  await program.stop();
});
