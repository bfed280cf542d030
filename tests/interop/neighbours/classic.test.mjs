// One cluster of npm's servers with @socket.io/redis-adapter and of ours.

import {operations} from './operations.mjs';

const mixes = process.env.INTEROP_SERVER === 'reference' ?
  [['node', 'node', 'node']] :
  [['trackwire', 'node'], ['trackwire2', 'node', 'trackwire2', 'node']];

for (const kinds of mixes) {
  operations(`classic adapter: ${kinds.join(', ')}`, kinds, '--adapter', 'classic');
}
