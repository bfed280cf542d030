// Points whose country is known without country-coder's borders, which the index is made of: from
// Natural Earth's polygons, and from the places of GeoNames.
import {readCodes} from './countries.mjs';
import {Land, markLand, readNaturalEarth} from './land.mjs';
import {Neighbours, readPlaces} from './places.mjs';
import {Polygons} from './polygons.mjs';

// The index that is measured is made without these.
export const UNLISTED = 'GeoNames (not in the measured index)';
const KM_PER_DEGREE = 111.195;
// What Natural Earth has no number for, or keeps apart.
const OTHER_CODES = {
  Kosovo: 'XK', Somaliland: 'SO', 'N. Cyprus': 'CY', 'Cyprus U.N. Buffer Zone': 'CY',
  Baikonur: 'KZ', Akrotiri: 'CY', Dhekelia: 'CY', 'USNB Guantanamo Bay': 'CU',
};

/** Numbers in [0, 1), the same ones each time. */
function makeRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function drawPoints() {
  const world = new World();
  return [
    ...drawPlaces(world), ...drawBorderPlaces(world), ...drawCities(world), ...drawInland(world),
    ...drawAntimeridian(world), ...drawAlong(world, 'frontier'), ...drawAlong(world, 'coast'),
    ...drawSea(world),
  ];
}

class World {
  constructor() {
    const codes = readCodes();
    const earth = readNaturalEarth();
    this.random = makeRandom(6);
    this.earth = earth;
    this.polygons = new Polygons(earth.polygons.map(({number, name, rings}) => ({
      code: codes.get(number) ?? OTHER_CODES[name] ?? '?', rings,
    })));
    this.places = readPlaces().places;
    this.states = readPlaces().states;
    this.near = new Neighbours(this.places);
    this.shore = new Land();
    markLand(this.shore, earth, 0.1);
    this.#markFar();
  }

  #markFar() {
    const {coasts} = this.earth;
    this.within = new Map([40, 180, 400].map((km) => {
      const land = new Land();
      markLand(land, {polygons: this.earth.polygons, coasts: thin(coasts)}, km);
      return [km, land];
    }));
  }

  /** The code there, '' at sea; '?' where that is not certain. */
  codeAt(lon, lat) {
    const code = this.polygons.at(wrap(lon), lat)?.code ?? '';
    // Overseas areas that Natural Earth counts to the country they belong to.
    if (code === 'FR' && (lat < 40 || lon < -10)) return '?';
    if (code === 'NO' && (lat > 72 || lon < 0)) return '?';
    if (code === 'NL' && lat < 40) return '?';
    if (['EH', 'MA'].includes(code) && lat < 28.5) return '?';
    if (['RU', 'UA'].includes(code) && lat > 44 && lat < 46.3 && lon > 32 && lon < 37) return '?';
    return ['IL', 'PS', 'SY'].includes(code) ? '?' : code;
  }

  /** The codes in eight directions at a distance. */
  around(lon, lat, km) {
    const codes = new Set();
    for (let i = 0; i < 8; i++) {
      const [x, y] = move(lon, lat, km, i * 45);
      if (Math.abs(y) < 89) codes.add(this.codeAt(x, y));
    }
    return codes;
  }

  anywhere() {
    return [this.random() * 360 - 180, Math.asin(this.random() * 2 - 1) * (180 / Math.PI)];
  }
}

// Far from the coast a point now and then is enough.
const thin = (coasts) => coasts.map(
  (coast) => coast.filter((_, i) => i % 8 === 0 || i === coast.length - 1));

const wrap = (lon) => ((((lon + 180) % 360) + 360) % 360) - 180;

function move(lon, lat, km, bearing) {
  const angle = (bearing * Math.PI) / 180;
  const narrow = Math.max(Math.cos((lat * Math.PI) / 180), 0.01);
  return [
    wrap(lon + ((km / KM_PER_DEGREE) * Math.sin(angle)) / narrow),
    lat + (km / KM_PER_DEGREE) * Math.cos(angle),
  ];
}

const point = (lon, lat, country, category, source, more = {}) => ({
  lat: lat.toFixed(5), lon: lon.toFixed(5), country_code: country, category, source, ...more,
});

/** Every 110th place. */
function* drawPlaces({places, states}) {
  for (let i = 7; i < places.length; i += 110) yield unlisted(places[i], states, 'unlisted');
}

/** Places that are no 8 km from a border. */
function* drawBorderPlaces({places, states, earth}) {
  const borders = new Land();
  markLand(borders, {polygons: [], coasts: earth.borders}, 8);
  const near = places.filter(({lon, lat}, i) => i % 110 !== 7 && borders.has(lon, lat));
  for (let i = 5; i < near.length; i += 9) yield unlisted(near[i], states, 'border');
}

function unlisted({lat, lon, country, state}, states, category) {
  return point(lon, lat, country, category, UNLISTED, {admin1: states.get(state) ?? ''});
}

/** A way off the middle of large cities. */
function* drawCities(world) {
  const large = world.places.filter((place) => place.kind !== 'PPLX')
    .sort((a, b) => b.population - a.population).slice(0, 400);
  for (const city of large) {
    const [lon, lat] = move(city.lon, city.lat, 2 + world.random() * 2, world.random() * 360);
    if (world.codeAt(lon, lat) !== city.country) continue;
    yield point(lon, lat, city.country, 'city', 'GeoNames', {
      locality: city.name, locality_lat: city.lat, locality_lon: city.lon,
    });
  }
}

function* drawInland(world) {
  for (let count = 0; count < 800;) {
    const [lon, lat] = world.anywhere();
    const code = world.codeAt(lon, lat);
    if (code === '' || code === '?') continue;
    if ([...world.around(lon, lat, 20)].some((other) => other !== code)) continue;
    count++;
    yield point(lon, lat, code, 'inland', 'Natural Earth');
  }
}

function* drawAntimeridian(world) {
  for (let count = 0; count < 120;) {
    const [x, lat] = world.anywhere();
    const lon = wrap(180 + x / 60);
    const code = world.codeAt(lon, lat);
    if (code === '' || code === '?' || code === 'AQ') continue;
    count++;
    yield point(lon, lat, code, 'antimeridian', 'Natural Earth');
  }
}

/** Some 10 km from borders on either side, or few from coasts on the sea's. */
function* drawAlong(world, category) {
  const {earth, random} = world;
  const isBorder = category === 'frontier';
  const arcs = (isBorder ? earth.borders : earth.coasts).filter((arc) => arc.length > 3);
  for (let count = 0; count < (isBorder ? 800 : 500);) {
    const arc = arcs[Math.floor(random() * arcs.length)];
    const [x, y] = arc[Math.floor(random() * arc.length)];
    const [lon, lat] = move(x, y, isBorder ? 10 + random() * 5 : 1 + random() * 3, random() * 360);
    const code = world.codeAt(lon, lat);
    const around = world.around(lon, lat, isBorder ? 6 : 8);
    if (isBorder) {
      if (code === '' || code === '?' || [...around].some((other) => other !== code)) continue;
    } else if (code !== '' || world.shore.has(lon, lat)) {
      continue;
    }
    around.delete('');
    if (around.size !== 1 || around.has('?')) continue;
    count++;
    yield point(lon, lat, [...around][0], category, 'Natural Earth');
  }
}

function* drawSea(world) {
  const {within, near} = world;
  const wanted = [['ocean', 200, 400, Infinity], ['offshore', 200, 40, 180]];
  for (const [category, number, from, to] of wanted) {
    for (let count = 0; count < number;) {
      const [lon, lat] = world.anywhere();
      if (within.get(from).has(lon, lat)) continue;
      if (to < Infinity && !within.get(to).has(lon, lat)) continue;
      if (near.nearest({lat, lon}, 40, () => true)) continue;
      count++;
      yield point(lon, lat, '', category, 'Natural Earth');
    }
  }
}
