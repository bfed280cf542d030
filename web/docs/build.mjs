// Puts the page together: node build.mjs FOLDER
import {copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {constants, gzipSync} from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const library = join(here, 'node_modules/swagger-ui-dist');
const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node build.mjs FOLDER');
  process.exit(2);
}

rmSync(folder, {recursive: true, force: true});
mkdirSync(folder, {recursive: true});

/** Writes a file and, if it gets smaller by it, its packed form for servers to send as it is. */
function write(name, bytes) {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  const packed = gzipSync(bytes, {level: constants.Z_BEST_COMPRESSION});
  if (packed.length < bytes.length) writeFileSync(`${file}.gz`, packed);
}

for (const name of ['index.html', 'page.css', 'page.js']) write(name, readFileSync(join(here, name)));
for (const name of ['swagger-ui-bundle.js', 'swagger-ui.css']) {
  // The maps that these name are not shipped.
  const text = readFileSync(join(library, name), 'utf8');
  write(name, Buffer.from(text.replace(/^(\/\/|\/\*)# sourceMappingURL=.*$/m, '')));
}
const texts = ['NOTICE', 'LICENSE'].map((name) => readFileSync(join(library, name), 'utf8'));
write('licenses.txt', Buffer.from(`swagger-ui-dist\n===============\n\n${texts.join('\n')}`));
copyFileSync(join(here, '../src/icon.svg'), join(folder, 'icon.svg'));
