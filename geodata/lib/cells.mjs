// The countries of each cell of a degree: one that has it whole, or the pieces of areas in it.
import {areaOf, clip} from './countries.mjs';

const COLUMNS = 360;
const ROWS = 180;
const STEPS = 65535;  // of a piece's coordinates, over a cell
const MIXED = 0x80000000;
const NEW_AREA = 0x8000;  // in a ring's country: those after it without are its holes

/** {cells, mixed, rings, vertices, masks}, as the file has them (docs/geocoding.md). */
export function makeCells(areas, land) {
  const pieces = Array.from({length: COLUMNS * ROWS}, () => []);
  for (const area of areas) cutIntoCells(area, pieces);
  const out = {
    cells: new Uint32Array(COLUMNS * ROWS), mixed: [], rings: [], vertices: [], masks: new Masks(),
  };
  for (let cell = 0; cell < out.cells.length; cell++) {
    out.cells[cell] = describe(pieces[cell], out.masks.add(land.cell(cell)), out);
  }
  return out;
}

class Masks {
  static NOTHING = -1;
  list = [];
  #known = new Map();

  /** 0: all is land; the number of a mask, from 1; or NOTHING. */
  add(words) {
    if (words.every((word) => word === 0)) return Masks.NOTHING;
    if (words.every((word) => word === 0xffffffff)) return 0;
    const key = words.join();
    if (!this.#known.has(key)) this.#known.set(key, this.list.push(words));
    return this.#known.get(key);
  }
}

function describe(pieces, mask, out) {
  if (pieces.length === 0 || mask === Masks.NOTHING) return 0;
  // The smaller area comes first, and what has the whole cell hides all behind it.
  const whole = pieces.findIndex((piece) => piece.rings === null);
  const before = whole < 0 ? pieces : pieces.slice(0, whole);
  const country = whole < 0 ? 0 : pieces[whole].country + 1;
  if (before.length === 0 && mask === 0) return country;
  const firstRing = out.rings.length;
  for (const piece of before) {
    piece.rings.forEach((ring, i) => {
      const country = piece.country | (i === 0 ? NEW_AREA : 0);
      out.rings.push({first: out.vertices.length, count: ring.length, country});
      out.vertices.push(...ring);
    });
  }
  const count = out.rings.length - firstRing;
  return (MIXED | (out.mixed.push({firstRing, count, whole: country, mask}) - 1)) >>> 0;
}

function cutIntoCells(area, pieces) {
  const south = Math.min(...area.rings[0].map((point) => point[1]));
  const north = Math.max(...area.rings[0].map((point) => point[1]));
  for (let row = rowOf(south); row <= rowOf(north); row++) {
    const strip = cut(area.rings, 1, row - 90);
    if (strip.length === 0) continue;
    const west = Math.min(...strip[0].map((point) => point[0]));
    const east = Math.max(...strip[0].map((point) => point[0]));
    for (let column = columnOf(west); column <= columnOf(east); column++) {
      const rings = cut(strip, 0, column - 180).map((ring) => quantize(ring, column, row));
      const kept = rings.filter((ring) => ring.length > 2 && areaOf(ring) !== 0);
      if (kept.length === 0) continue;
      const isWhole = kept.length === 1 && Math.abs(areaOf(kept[0])) === STEPS * STEPS;
      pieces[row * COLUMNS + column].push({country: area.country, rings: isWhole ? null : kept});
    }
  }
}

const rowOf = (lat) => Math.min(Math.max(Math.floor(lat + 90), 0), ROWS - 1);
const columnOf = (lon) => Math.min(Math.max(Math.floor(lon + 180), 0), COLUMNS - 1);

function cut(rings, axis, from) {
  return rings
    .map((ring) => clip(clip(ring, axis, from, 1), axis, from + 1, -1))
    .filter((ring) => ring.length > 2);
}

function quantize(ring, column, row) {
  const points = ring.map(([lon, lat]) => [
    Math.round((lon + 180 - column) * STEPS), Math.round((lat + 90 - row) * STEPS),
  ]);
  return points.filter((point, i) => {
    const next = points[(i + 1) % points.length];
    return point[0] !== next[0] || point[1] !== next[1];
  });
}

