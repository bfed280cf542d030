// The npm packages that let npm's servers speak with each other, by the names that
// examples/cluster_server calls them by. Each gives the adapter and, for once the namespaces have
// been made, a way to wait until it hears the others: it does not tell by itself.

import {createAdapter} from '@socket.io/redis-adapter';

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
};
