// Installs what the lock file names, unless that is what is installed already.

import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** Which version of each package a lock file names; npm keeps one of what it has installed. */
function versions(...path) {
  try {
    const {packages} = JSON.parse(readFileSync(join(here, ...path), 'utf8'));
    return JSON.stringify(Object.entries(packages)
        .filter(([name]) => name !== '')
        .map(([name, {version}]) => [name, version])
        .sort());
  } catch {
    return undefined;
  }
}

if (versions('package-lock.json') !== versions('node_modules', '.package-lock.json')) {
  const {status} = spawnSync(
      'npm', ['ci', '--no-audit', '--no-fund'], {cwd: here, stdio: 'inherit'});
  process.exit(status ?? 1);
}
