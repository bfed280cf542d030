import type { Plugin } from 'vite';

const kModule = /engine\.io-client\/build\/esm\/transports\/webtransport\.js$/;

/**
 * Leaves WebTransport out of engine.io-client, with the stream encoders that only it uses: the
 * gateway speaks WebSocket and polling. A version that keeps it elsewhere fails the build.
 */
export function withoutWebTransport(): Plugin {
  let found = false;
  return {
    name: 'trackwire-transports',
    apply: 'build',
    load(id) {
      if (!kModule.test(id)) return null;
      found = true;
      return 'export class WT {}';
    },
    buildEnd(error) {
      if (!found && !error) this.error('engine.io-client has its WebTransport somewhere else now');
    },
  };
}
