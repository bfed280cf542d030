// Runs inside MapLibre's worker, which asks here for its sources: the conversion of the fine world
// map, and the copy of its result, then never reach the page's own thread.
import { type PlaceColumns, placeFeatures } from './places.js';
import { type WorldTopology, worldFeatures } from './world.js';

interface MapWorker {
  addProtocol(
    name: string,
    load: (params: { url: string }, abort: AbortController) => Promise<{ data: unknown }>,
  ): void;
}

async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}`);
  return response.json();
}

function addressIn(url: string): string {
  return decodeURIComponent(url.slice(url.indexOf('://') + 3));
}

const worker = self as unknown as MapWorker;

worker.addProtocol('world', async (params, abort) => {
  const topology = await fetchJson(addressIn(params.url), abort.signal);
  return { data: worldFeatures(topology as WorldTopology) };
});

worker.addProtocol('places', async (params, abort) => {
  const columns = await fetchJson(addressIn(params.url), abort.signal);
  return { data: placeFeatures(columns as PlaceColumns) };
});
