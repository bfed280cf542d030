import { OwntracksProvider } from '../../integration/lib/providers.mjs';
import { startGateway } from './gateway.mjs';

/** So long that only updates on demand are asked for. */
const kInterval = 3_600;
export const kKnot = 1852 / 3600;

/**
 * A gateway without ships, and a provider for each name, which really is asked over HTTP: the
 * tracker ID of addTracker() is its `fleet/ID`. `settings` as those of startGateway().
 */
export async function startWithSources(names, settings = {}) {
  const sources = new Map();
  for (const name of names) sources.set(name, await OwntracksProvider.start());
  const config = [...sources].map(([name, source]) => section(name, source)).join('\n');
  const gateway = await startGateway(settings, { config, demo: false });
  return { gateway, sources };
}

function section(name, source) {
  return `[[providers]]
name = "owntracks:${name}"
kind = "owntracks"
url = "${source.url}"
allow_private = true
interval_s = ${kInterval}
`;
}

/** Makes a tracker that everybody may see; `provider` is the name of a source, if it has one. */
export async function addTracker(gateway, id, { provider, ...more } = {}) {
  const from = provider
    ? { provider: `owntracks:${provider}`, external_id: `fleet/${id}` }
    : { provider: 'push' };
  const tracker = { id, name: `Ship ${id}`, public: true, ...from, ...more };
  await gateway.ask('POST', '/api/trackers', tracker);
}

/** Makes a tracker that pushes; what pushes its fixes, as a device would. */
export async function addPusher(gateway, id, more = {}) {
  await addTracker(gateway, id, more);
  const { token } = await gateway.ask('POST', `/api/trackers/${id}/tokens`, {});
  return async ({ latitude, longitude, time, speedMps }) => {
    const query = new URLSearchParams({
      lat: latitude,
      lon: longitude,
      timestamp: new Date(time).toISOString(),
      speed: speedMps / kKnot,
      token,
    });
    const response = await fetch(`${gateway.url}/api/ingest/osmand?${query}`, { method: 'POST' });
    if (!response.ok) throw new Error(`${id}: ${response.status} ${await response.text()}`);
  };
}

/** Says where the tracker is from now on, for who asks its source. */
export function placeAt(source, id, latitude, longitude, more = {}) {
  source.place(`fleet/${id}`, { latitude, longitude, ...more });
}
