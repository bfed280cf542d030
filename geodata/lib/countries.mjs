// Countries and their areas out of country-coder's borders. The areas include coastal waters, so
// that whatever stands on a pier is inside; land.mjs says where the sea begins.
import {readFileSync} from 'node:fs';

import {ISLET_KM, ISLETS} from './islets.mjs';

// A file that the package has beside its API, which knows only points.
const BORDERS =
  new URL('../node_modules/@rapideditor/country-coder/src/data/borders.json', import.meta.url);

// What is disputed, by the code that the places there have in GeoNames and in ISO 3166.
const DISPUTED = new Map([
  ['Q7835', 'UA'],  // Crimea
  ['Q23681', 'CY'],  // Northern Cyprus
  ['Q9143535', 'CY'],  // Akrotiri, which has no code of its own
  ['Q9206745', 'CY'],  // Dhekelia
]);

// Western Sahara begins at this parallel, west of this meridian.
const SAHARA_NORTH = 27.6667;
const SAHARA_EAST = -8.6667;

// Names as an address has them, where the data has the formal one.
const SHORT_NAMES = new Map(Object.entries({
  BS: 'Bahamas', CD: 'DR Congo', CG: 'Congo', CN: 'China', CY: 'Cyprus', DK: 'Denmark',
  FM: 'Micronesia', GG: 'Guernsey', GM: 'Gambia', IE: 'Ireland', JE: 'Jersey',
  KN: 'Saint Kitts and Nevis', LC: 'Saint Lucia', MF: 'Saint Martin', MO: 'Macao',
  NL: 'Netherlands', TL: 'Timor-Leste', US: 'United States',
  VC: 'Saint Vincent and the Grenadines', VI: 'U.S. Virgin Islands',
}));

/** [{code, name}], sorted by code, and [{country, rings}] with the smallest area first. */
export function readCountries() {
  const {features} = JSON.parse(readFileSync(BORDERS, 'utf8'));
  const official = new Map();
  for (const {properties: p} of features) {
    if (p.iso1A2 && (!p.isoStatus || p.iso1A2 === 'XK')) {
      official.set(p.iso1A2, SHORT_NAMES.get(p.iso1A2) ?? p.nameEn);
    }
  }
  const names = new Map(official);
  const areas = [];
  for (const feature of features) {
    if (!feature.geometry) continue;
    const code = codeOf(feature.properties, official);
    if (!official.has(code)) names.set(code, feature.properties.nameEn);
    for (const rings of feature.geometry.coordinates) {
      const open = rings.map((ring) => ring.slice(0, -1).map(snap));
      areas.push(...(code === 'MA' ? cutSahara(open) : [{code, rings: open}]));
    }
  }
  areas.push(...ISLETS.map(([code, lat, lon]) => ({code, rings: [circle(lat, lon, ISLET_KM)]})));
  const codes = [...names.keys()].sort();
  const countries = codes.map((code) => ({
    code: official.has(code) ? code : '', name: names.get(code),
  }));
  const numbered = areas.map(({code, rings}) => ({country: codes.indexOf(code), rings}));
  numbered.sort((a, b) => Math.abs(areaOf(a.rings[0])) - Math.abs(areaOf(b.rings[0])));
  return {countries, areas: numbered};
}

/** ISO 3166-1: the letters that a number stands for. */
export function readCodes() {
  const {features} = JSON.parse(readFileSync(BORDERS, 'utf8'));
  const known = features.filter(({properties: p}) => p.iso1N3 && p.iso1A2);
  return new Map(known.map(({properties: p}) => [p.iso1N3, p.iso1A2]));
}

function codeOf(properties, official) {
  const {iso1A2, wikidata, groups = [], country} = properties;
  if (DISPUTED.has(wikidata)) return DISPUTED.get(wikidata);
  if (official.has(iso1A2)) return iso1A2;
  return groups.find((group) => official.has(group)) ?? country ?? `:${wikidata}`;
}

function cutSahara(rings) {
  const south = (keep) => rings.map((ring) => clip(ring, 1, SAHARA_NORTH, keep)).filter(notEmpty);
  const sahara = south(-1).map((ring) => clip(ring, 0, SAHARA_EAST, -1)).filter(notEmpty);
  const rest = south(-1).map((ring) => clip(ring, 0, SAHARA_EAST, 1)).filter(notEmpty);
  return [
    {code: 'MA', rings: south(1)}, {code: 'EH', rings: sahara}, {code: 'MA', rings: rest},
  ].filter(({rings}) => rings.length > 0);
}

function circle(lat, lon, km) {
  return Array.from({length: 16}, (_, i) => {
    const angle = (i * Math.PI) / 8;
    const reach = km / 111.195;
    const east = (reach * Math.cos(angle)) / Math.cos((lat * Math.PI) / 180);
    return [lon + east, lat + reach * Math.sin(angle)];
  });
}

// Areas on both sides of the antimeridian leave no gap there.
const snap = ([lon, lat]) => [Math.abs(lon) > 179.98 ? Math.sign(lon) * 180 : lon, lat];

const notEmpty = (ring) => ring.length > 2;

/** The part of a ring where `side` * (coordinate - bound) >= 0, by Sutherland and Hodgman. */
export function clip(ring, axis, bound, side) {
  const kept = [];
  for (let i = 0; i < ring.length; i++) {
    const a = ring[i];
    const b = ring[(i + 1) % ring.length];
    const inA = side * (a[axis] - bound) >= 0;
    const inB = side * (b[axis] - bound) >= 0;
    if (inA) kept.push(a);
    if (inA !== inB) {
      const t = (bound - a[axis]) / (b[axis] - a[axis]);
      const cut = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
      cut[axis] = bound;
      kept.push(cut);
    }
  }
  return kept;
}

export function areaOf(ring) {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const a = ring[i];
    const b = ring[(i + 1) % ring.length];
    sum += a[0] * b[1] - b[0] * a[1];
  }
  return sum / 2;
}
