// The examples of docs/rest.md are true: each is run as it stands.

import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {after, before, test} from 'node:test';
import {promisify} from 'node:util';

import {Gateway} from './lib/gateway.mjs';
import {admin, publisher} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

let gateway;
before(async () => {
  gateway = await Gateway.start(['--set', 'visibility.unknown_trackers=public']);
  const {status} = await gateway.post({message_type: 'tracker_location_updated', notification: {
    tracker_id: 'bus-7', latitude: 37.8, longitude: -122.4, fix_time: new Date().toISOString(),
  }}, {as: publisher()});
  assert.equal(status, 202);
  await eventually(async () => (await gateway.get('/api/trackers/bus-7')).status === 200, 'bus-7');
});
after(() => gateway.stop());

/** The commands of the page, but for those that set the scene. */
async function examples() {
  const text = await readFile(new URL('../../docs/rest.md', import.meta.url), 'utf8');
  return [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block)
    .filter((block) => block.startsWith('curl'));
}

test('every example is answered well', async () => {
  const commands = await examples();
  assert.ok(commands.length >= 7, `${commands.length} examples`);
  let request = '';
  for (const command of commands) {
    // What curl is told beside: that a refusal is a failure, and to say the answer's type.
    const {stdout} = await promisify(execFile)('bash', ['-euc',
      `curl() { command curl --fail-with-body -w '\\n%{http_code} %{content_type}' "$@"; }\n${command}`],
    {cwd: gateway.directory, env: {...process.env, URL: gateway.url, TOKEN: admin(), REQUEST: request}});
    const end = stdout.lastIndexOf('\n');
    const [code, type] = stdout.slice(end + 1).split(' ');
    assert.match(code, /^20[02]$/, command);
    if (command.includes('-o bus-7.gpx')) {
      assert.match(await readFile(`${gateway.directory}/bus-7.gpx`, 'utf8'), /^<\?xml .*<gpx /s);
      continue;
    }
    assert.equal(type, 'application/json', command);
    const answer = JSON.parse(stdout.slice(0, end));
    assert.equal(answer.error, undefined, command);
    request = answer.request_id ?? request;
  }
  assert.notEqual(request, '', 'an update was asked for');
});
