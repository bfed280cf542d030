import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { eventually } from './support/page.mjs';
import { suite } from './support/suite.mjs';

const shared = suite();
const kKilobyte = 1_000;

/** Everything the page fetched until the map stood, by path, with its size when packed. */
async function fetched() {
  const files = new Map();
  await shared.open(
    {},
    {
      prepare: (page) =>
        page.on('response', (response) => {
          const path = new URL(response.url()).pathname;
          if (path === '/' || path.startsWith('/assets/')) files.set(path, response);
        }),
    },
  );
  await eventually('the coarse world', () =>
    [...files.keys()].some((path) => path.includes('110m')),
  );
  await eventually('the places', () => [...files.keys()].some((path) => path.includes('places')));
  const sizes = new Map();
  for (const path of files.keys()) {
    const bytes = Buffer.from(await (await fetch(shared.gateway.url + path)).arrayBuffer());
    const isPacked = /\.woff2$/.test(path);
    sizes.set(path, isPacked ? bytes.length : gzipSync(bytes, { level: 9 }).length);
  }
  return sizes;
}

test('the page stays within its budget', async () => {
  const sizes = await fetched();
  const sum = (wanted) =>
    [...sizes].reduce((total, [path, size]) => total + (wanted(path) ? size : 0), 0) / kKilobyte;
  const isScript = (path) => path.endsWith('.js');
  const isMapLibre = (path) => path.includes('maplibre');
  const figures = {
    app: sum((path) => isScript(path) && !isMapLibre(path)),
    css: sum((path) => path.endsWith('.css')),
    maplibre: sum((path) => isScript(path) && isMapLibre(path) && !path.includes('worker')),
    worker: sum((path) => isScript(path) && isMapLibre(path) && path.includes('worker')),
    data: sum((path) => /110m|places|\.woff2$/.test(path)),
  };
  console.log(figures);
  assert.ok(figures.app > 0 && figures.app <= 55, `app ${figures.app} kB`);
  assert.ok(figures.css > 0 && figures.css <= 15, `CSS ${figures.css} kB`);
  assert.ok(figures.maplibre > 0 && figures.maplibre <= 295, `MapLibre ${figures.maplibre} kB`);
  assert.ok(figures.worker <= 150, `worker ${figures.worker} kB`);
  assert.ok(figures.data > 0 && figures.data <= 130, `data ${figures.data} kB`);
});

/** What a policy allows, by directive; what is not named falls back on the default. */
function directives(policy) {
  const given = new Map(
    policy.split(';').map((part) => {
      const [name, ...sources] = part.trim().split(/\s+/);
      return [name, sources.join(' ')];
    }),
  );
  return (name) => given.get(name) ?? (/-src$/.test(name) ? given.get('default-src') : undefined);
}

test('the page is served with a strict policy, packed where that is accepted', async () => {
  const page = await fetch(shared.gateway.url);
  const policy = page.headers.get('content-security-policy') ?? '';
  const sources = directives(policy);
  const own = ['script-src', 'style-src', 'worker-src', 'connect-src', 'font-src', 'form-action'];
  for (const directive of own) assert.equal(sources(directive), "'self'", directive);
  const none = ['base-uri', 'frame-ancestors', 'object-src'];
  for (const directive of none) assert.equal(sources(directive), "'none'", directive);
  assert.equal(sources('img-src'), "'self' data: blob:");
  assert.doesNotMatch(policy, /unsafe|\*/);
  const html = await page.text();
  assert.doesNotMatch(html, /<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/);
  const script = /src="([^"]+\.js)"/.exec(html)?.[1];
  assert.ok(script);
  const packed = await fetch(shared.gateway.url + script, {
    headers: { 'accept-encoding': 'gzip' },
  });
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  assert.match(packed.headers.get('content-type') ?? '', /javascript/);
});
