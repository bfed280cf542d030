import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip as gzipCallback } from 'node:zlib';
import type { Plugin } from 'vite';

const gzipBytes = promisify(gzipCallback);
const kCompressible = /\.(css|html|js|json|mjs|svg|txt)$/;
/** Smaller files gain nothing that a packet would notice. */
const kMinBytes = 512;

/** Writes a `.gz` beside each file that gets smaller by it, for servers to send as it is. */
export function gzip(): Plugin {
  let folder = '';
  return {
    name: 'trackwire-gzip',
    apply: 'build',
    configResolved(config) {
      folder = path.resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      const names = await readdir(folder, { recursive: true });
      for (const name of names) {
        if (!kCompressible.test(name)) continue;
        const file = path.join(folder, name);
        const bytes = await readFile(file);
        if (bytes.length < kMinBytes) continue;
        const packed = await gzipBytes(bytes, { level: constants.Z_BEST_COMPRESSION });
        if (packed.length < bytes.length) await writeFile(`${file}.gz`, packed);
      }
    },
  };
}
