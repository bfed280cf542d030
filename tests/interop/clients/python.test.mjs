// Debian's python-socketio, driven by the scripts of python/.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {describe, it} from 'node:test';
import {useServer} from '../lib/server.mjs';
import {within} from '../lib/wait.mjs';

const scripts = {threads: 'client.py', asyncio: 'async_client.py'};

for (const [kind, name] of Object.entries(scripts)) {
  describe(`python-socketio, ${kind}`, {concurrency: 3}, () => {
    const script = fileURLToPath(new URL(`../python/${name}`, import.meta.url));
    // At its end this client may wait for its own writer as long as a ping times out, and five
    // seconds more: longer than the script may take would look as if it hung.
    const server = useServer('--ping-interval-ms', '300', '--ping-timeout-ms', '10000');

    for (const way of ['polling', 'websocket', 'upgrade']) {
      it(`by ${way}`, async () => {
        const python = spawn(
            '/usr/bin/python3', ['-B', script, `${server.port}`, way],
            {stdio: ['ignore', 'pipe', 'pipe']});
        let output = '';
        for (const stream of [python.stdout, python.stderr]) {
          stream.on('data', (text) => { output += text; });
        }
        try {
          const code = await within(
              new Promise((resolve) => python.once('close', resolve)), 'the script to end', 110000);
          assert.equal(code, 0, output);
          assert.match(output, /: well$/m);
        } finally {
          python.kill('SIGKILL');
        }
      });
    }
  });
}
