// The npm packages that let npm's servers speak with each other, by the names that
// examples/cluster_server calls them by. Each gives the adapter and, for once the namespaces have
// been made, a way to wait until it hears the others: it does not tell by itself.

import {createAdapter} from '@socket.io/redis-adapter';
import {createAdapter as createStreamsAdapter} from '@socket.io/redis-streams-adapter';
import {eventually} from '../lib/wait.mjs';

export const adapters = {
  async classic(connect, {prefix}) {
    const speaker = await connect();
    const listener = await connect();
    return {
      adapter: createAdapter(speaker, listener, prefix ? {key: prefix} : {}),
      // Redis confirms subscriptions in their order.
      ready: () => listener.subscribe('last-subscription', () => {}),
    };
  },

  async streams(connect, {prefix}) {
    const speaker = await connect();
    const id = await speaker.sendCommand(['CLIENT', 'ID']);
    const names = prefix ? {streamName: prefix, channelPrefix: prefix} : {};
    const adapter = createStreamsAdapter(speaker, names);
    // Its links have higher numbers: one waits for the stream, one has subscribed.
    const ready = () => eventually(async () => {
      const links = (await speaker.sendCommand(['CLIENT', 'LIST'])).split('\n')
          .filter((line) => Number(line.match(/^id=(\d+)/)?.[1]) > id);
      return links.some((line) => / flags=\S*b\S* .* cmd=xread /.test(line)) &&
        links.some((line) => / sub=4 /.test(line));
    }, 'the streams adapter');
    return {adapter, ready};
  },
};
