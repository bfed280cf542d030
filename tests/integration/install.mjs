// Installs what the lock file names, unless that is what is installed already.
import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const lock = readFileSync(`${here}package-lock.json`, 'utf8');
const stamp = `${here}node_modules/.installed-lock.json`;
let installed = '';
try {
  installed = readFileSync(stamp, 'utf8');
} catch {
  // Nothing is installed yet.
}
if (installed !== lock) {
  const {status} = spawnSync('npm', ['ci'], {cwd: here, stdio: 'inherit'});
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stamp, lock);
}
