import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {test} from 'node:test';
import {clip, areaOf, readCountries} from '../lib/countries.mjs';
import {Texts} from '../lib/file.mjs';
import {makeIndex} from '../lib/index.mjs';
import {Land} from '../lib/land.mjs';
import {Neighbours, readPlaces} from '../lib/places.mjs';
import {Polygons} from '../lib/polygons.mjs';
import {buildTree, unitVector} from '../lib/tree.mjs';

const SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2]];

test('the same packages give the same bytes', () => {
  const digest = () => createHash('sha256').update(makeIndex()).digest('hex');
  assert.equal(digest(), digest());
});

test('a ring is cut at a bound', () => {
  assert.equal(areaOf(clip(SQUARE, 0, 1, -1)), 2);
  assert.equal(areaOf(clip(SQUARE, 1, 0.5, 1)), 3);
  assert.equal(clip(SQUARE, 0, 3, 1).length, 0);
});

test('land is filled with its holes, and across the antimeridian', () => {
  const land = new Land();
  const square = (west, east) => [[west, -2], [east, -2], [east, 2], [west, 2]];
  land.fill([square(179, 182), square(179.5, 180.5)]);
  for (const lon of [179.25, -179.25, -178.25]) assert.ok(land.has(lon, 0), String(lon));
  for (const lon of [179.75, -179.75, 178.9, -177.9, 0]) assert.ok(!land.has(lon, 0), String(lon));
});

test('what is near is marked, also far north', () => {
  const land = new Land();
  land.markAround(180, 0, 10);
  assert.ok(land.has(-179.95, 0) && land.has(179.95, 0) && !land.has(179.8, 0));
  land.markAround(10, 83, 10);
  assert.ok(land.has(10.7, 83) && !land.has(10.8, 83));
  assert.ok(land.has(10, 83.08) && !land.has(10, 83.12));
});

test('a polygon is found whatever its longitudes', () => {
  const rings = [[[-182, 0], [-178, 0], [-178, 2], [-182, 2]]];
  const polygons = new Polygons([{name: 'far', rings}]);
  assert.equal(polygons.at(179, 1)?.name, 'far');
  assert.equal(polygons.at(-179, 1)?.name, 'far');
  assert.equal(polygons.at(177, 1), null);
});

test('texts are kept once', () => {
  const texts = new Texts();
  assert.equal(texts.add('Písek'), 0);
  assert.equal(texts.add('x'), 8);
  assert.equal(texts.add('Písek'), 0);
  assert.equal(texts.bytes().length, 11);
});

test('a tree has every place once and boxes around them', () => {
  const places = Array.from({length: 100}, (_, order) => ({
    order, vector: unitVector(order % 10, order / 10), reach: 1 + (order % 7),
  }));
  const nodes = buildTree(places, 50, 1000);
  const seen = new Set();
  for (const node of nodes.filter(({count}) => count > 0)) {
    for (let i = node.first - 1000; i < node.first - 1000 + node.count; i++) {
      assert.ok(!seen.has(i));
      seen.add(i);
      assert.ok(places[i].reach <= node.reach);
      for (const axis of [0, 1, 2]) {
        const at = places[i].vector[axis];
        assert.ok(at >= node.low[axis] && at <= node.high[axis]);
      }
    }
  }
  assert.equal(seen.size, 100);
});

test('every country has a code of two letters, and every place a country', () => {
  const {countries} = readCountries();
  const codes = new Set(countries.map(({code}) => code));
  assert.ok(countries.every(({code, name}) => /^([A-Z]{2})?$/.test(code) && name.length > 2));
  const {places, states} = readPlaces();
  assert.ok(places.length > 170_000);
  assert.deepEqual(places.filter(({country}) => !codes.has(country)), []);
  const known = places.filter(({population}) => population > 0).length;
  assert.ok(known > 100_000, `${known} places with a population`);
  assert.ok(places.filter(({state}) => states.has(state)).length > 0.99 * places.length);
});

test('neighbours are found across the antimeridian', () => {
  const near = new Neighbours([{lat: 0, lon: 179.99}, {lat: 0, lon: 170}]);
  const found = [...near.within({lat: 0, lon: -179.99}, 5)];
  assert.deepEqual(found.map(([point]) => point.lon), [179.99]);
});
