// One cluster of npm's servers with @socket.io/redis-streams-adapter and of ours.

import {operations} from './operations.mjs';

const mixes = process.env.INTEROP_SERVER === 'reference' ?
  [['node', 'node']] :
  [['trackwire', 'node'], ['trackwire2', 'node', 'trackwire2']];

for (const kinds of mixes) {
  operations(`streams adapter: ${kinds.join(', ')}`, kinds, '--adapter', 'streams');
  operations(`streams adapter with recovery: ${kinds.join(', ')}`, kinds,
      '--adapter', 'streams', '--recovery');
}
