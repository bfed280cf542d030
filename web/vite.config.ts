import { defineConfig } from 'vitest/config';

import { gzip } from './build/gzip.js';
import { licenses } from './build/licenses.js';
import { places } from './build/places.js';
import { withoutWebTransport } from './build/transports.js';

/** Where `npm run dev` finds a running gateway. */
const kGateway = process.env['TRACKWIRE_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [places(), licenses(), withoutWebTransport(), gzip()],
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    // The page's content security policy allows no data: fonts, and files cache better.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      output: {
        // Every server knows the type of .js, not every one that of .mjs.
        assetFileNames: (asset) => {
          const isModule = asset.names.some((name) => name.endsWith('.mjs'));
          return isModule ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]';
        },
        manualChunks: (id) => (id.includes('node_modules/maplibre-gl') ? 'maplibre' : undefined),
      },
    },
  },
  worker: { format: 'es' },
  server: {
    // A minimal system has no /etc/hosts that names localhost.
    host: '127.0.0.1',
    proxy: {
      '/api': kGateway,
      '/socket.io': { target: kGateway, ws: true },
    },
  },
  test: { environment: 'node', include: ['test/**/*.test.ts'], api: { host: '127.0.0.1' } },
});
