import { loading } from '../model/snapshot.js';
import { mapProblem } from '../model/view.js';

/** How long the map waits for the first list, to open where the trackers are. */
const kListHeadStartMs = 1_000;
const kRetryMs = 5_000;

const kRest = 'The list and the details work without it.';
const kNoWebGl = `The map needs WebGL 2, which this browser does not offer. ${kRest}`;
const kNotLoaded = `The map could not be loaded. ${kRest}`;

function hasWebGl2(): boolean {
  const probe = document.createElement('canvas').getContext('webgl2');
  // Browsers keep only so many contexts: give this one back.
  probe?.getExtension('WEBGL_lose_context')?.loseContext();
  return probe !== null;
}

function firstList(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, kListHeadStartMs);
    const stop = loading.subscribe((state) => {
      if (state === 'loading') return;
      clearTimeout(timer);
      resolve();
      // Signals call back at once, before `stop` exists.
      queueMicrotask(() => stop());
    });
  });
}

/** Loads the map's code and puts the map into the container, or says why not and tries again. */
export async function startMap(container: HTMLElement): Promise<void> {
  if (!hasWebGl2()) {
    mapProblem.value = kNoWebGl;
    return;
  }
  try {
    const { MapView, prepareMap } = await import('./map-view.js');
    await Promise.all([prepareMap(), firstList()]);
    new MapView(container);
    mapProblem.value = undefined;
  } catch (error) {
    // A connection that broke meanwhile may be back the next time.
    console.warn('map:', error);
    mapProblem.value = kNotLoaded;
    setTimeout(() => void startMap(container), kRetryMs);
  }
}
