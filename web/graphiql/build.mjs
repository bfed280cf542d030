// Puts the page together: node build.mjs FOLDER
import {mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {constants, gzipSync} from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node build.mjs FOLDER');
  process.exit(2);
}

rmSync(folder, {recursive: true, force: true});
mkdirSync(folder, {recursive: true});

/** Writes a file and, if it gets smaller by it, its packed form for servers to send as it is. */
function write(name, content) {
  const bytes = Buffer.from(content);
  const file = join(folder, name);
  writeFileSync(file, bytes);
  const packed = gzipSync(bytes, {level: constants.Z_BEST_COMPRESSION});
  if (packed.length < bytes.length) writeFileSync(`${file}.gz`, packed);
}

/** A text without the name of its map, which is not shipped. */
const text = (...path) => readFileSync(join(...path), 'utf8')
  .replace(/^(\/\/|\/\*)# sourceMappingURL=.*$/m, '');

/** A style sheet without the fonts it holds: those of the system do, and pages take none from `data:`. */
const withoutFonts = (css) => css.replace(/@font-face\s*\{[^}]*\}/g, '');

for (const name of ['index.html', 'page.css', 'page.js']) write(name, text(here, name));
write('icon.svg', text(here, '../src/icon.svg'));
write('react.js', text(modules, 'react/umd/react.production.min.js'));
write('react-dom.js', text(modules, 'react-dom/umd/react-dom.production.min.js'));
write('graphiql.js', text(modules, 'graphiql/graphiql.min.js'));
write('graphiql.css', withoutFonts(text(modules, 'graphiql/graphiql.min.css')));

/** The licences of all that was installed: the script of GraphiQL is made of most of it. */
function licenses() {
  const {packages} = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8'));
  return Object.keys(packages).filter((path) => path !== '').sort().flatMap((path) => {
    const place = join(here, path);
    const {name, version, license = 'see below'} =
      JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
    const title = `${name} ${version} (${license})`;
    const own = readdirSync(place).find((entry) => /^licen[cs]e/i.test(entry));
    const words = own ? readFileSync(join(place, own), 'utf8').trim() : '';
    return `${title}\n${'='.repeat(title.length)}\n\n${words}\n`;
  }).join('\n');
}
write('licenses.txt', licenses());
