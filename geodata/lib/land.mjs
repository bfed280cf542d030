// Where land is, or a coast near: a bit for each 64th of a degree, made of Natural Earth's
// countries at 1:10m (world-atlas).
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

const require = createRequire(import.meta.url);

export const BITS = 64;  // a degree
const COLUMNS = 360 * BITS;
const ROWS = 180 * BITS;
const KM_PER_DEGREE = 111.195;

/** One bit map of 64 rows of 64 bits for each cell of a degree, the south-western bit first. */
export class Land {
  constructor() {
    this.words = new Uint32Array(360 * 180 * BITS * 2);
  }

  cell(index) {
    return this.words.subarray(index * BITS * 2, (index + 1) * BITS * 2);
  }

  /** Marks columns [from, to) of a row, across the antimeridian when they go there. */
  mark(row, from, to) {
    if (row < 0 || row >= ROWS) return;
    if (to - from >= COLUMNS) return this.#markWithin(row, 0, COLUMNS);
    const start = ((from % COLUMNS) + COLUMNS) % COLUMNS;
    const end = start + to - from;
    this.#markWithin(row, start, Math.min(end, COLUMNS));
    if (end > COLUMNS) this.#markWithin(row, 0, end - COLUMNS);
  }

  #markWithin(row, from, to) {
    const line = (row >> 6) * 360 * BITS * 2 + (row & 63) * 2;
    for (let column = from; column < to;) {
      const word = line + (column >> 6) * BITS * 2 + ((column >> 5) & 1);
      const end = Math.min(to, (column | 31) + 1);
      const count = end - column;
      this.words[word] |= count === 32 ? 0xffffffff : ((1 << count) - 1) << (column & 31);
      column = end;
    }
  }

  /** Marks everything within `km` of a point. */
  markAround(lon, lat, km) {
    const reach = km / KM_PER_DEGREE;
    const first = Math.floor((lat - reach + 90) * BITS);
    const last = Math.floor((lat + reach + 90) * BITS);
    for (let row = first; row <= last; row++) {
      const middle = (row + 0.5) / BITS - 90;
      const left = reach * reach - (middle - lat) ** 2;
      if (left < 0) continue;
      const half = Math.sqrt(left) / Math.max(Math.cos((middle * Math.PI) / 180), 1e-3);
      this.mark(row, Math.floor((lon - half + 180) * BITS), Math.ceil((lon + half + 180) * BITS));
    }
  }

  /** Marks what is within a closed ring of unwrapped longitudes, with its holes. */
  fill(rings) {
    const rows = new Map();
    for (const ring of rings) {
      for (let i = 0; i < ring.length; i++) {
        addCrossings(rows, ring[i], ring[(i + 1) % ring.length]);
      }
    }
    for (const [row, xs] of rows) {
      xs.sort((a, b) => a - b);
      for (let i = 0; i + 1 < xs.length; i += 2) {
        this.mark(row, Math.ceil(xs[i] - 0.5), Math.ceil(xs[i + 1] - 0.5));
      }
    }
  }

  has(lon, lat) {
    const column = Math.min(Math.floor((lon + 180) * BITS), COLUMNS - 1);
    const row = Math.min(Math.floor((lat + 90) * BITS), ROWS - 1);
    const cell = (row >> 6) * 360 + (column >> 6);
    const word = cell * BITS * 2 + (row & 63) * 2 + ((column >> 5) & 1);
    return ((this.words[word] >>> (column & 31)) & 1) === 1;
  }
}

function addCrossings(rows, a, b) {
  if (a[1] === b[1]) return;
  const [low, high] = a[1] < b[1] ? [a, b] : [b, a];
  const first = Math.ceil((low[1] + 90) * BITS - 0.5);
  const last = Math.ceil((high[1] + 90) * BITS - 0.5);
  for (let row = first; row < last; row++) {
    const lat = (row + 0.5) / BITS - 90;
    const x = low[0] + ((lat - low[1]) / (high[1] - low[1])) * (high[0] - low[0]);
    if (!rows.has(row)) rows.set(row, []);
    rows.get(row).push((x + 180) * BITS);
  }
}

/** Polygons with unwrapped longitudes; the arcs of one country only, and those between two. */
export function readNaturalEarth() {
  const file = require.resolve('world-atlas/countries-10m.json');
  const topology = JSON.parse(readFileSync(file, 'utf8'));
  const arcs = topology.arcs.map((arc) => decodeArc(arc, topology.transform));
  const uses = new Uint8Array(arcs.length);
  const polygons = [];
  for (const geometry of topology.objects.countries.geometries) {
    const parts = geometry.type === 'Polygon' ? [geometry.arcs] : geometry.arcs;
    for (const part of parts) {
      for (const ring of part) for (const arc of ring) uses[arc < 0 ? ~arc : arc]++;
      const rings = part.map((ring) => ringOf(ring, arcs));
      polygons.push({number: geometry.id, name: geometry.properties.name, rings});
    }
  }
  const usedBy = (count) => arcs.filter((_, i) => uses[i] === count);
  return {polygons, coasts: usedBy(1), borders: usedBy(2)};
}

function decodeArc(arc, {scale, translate}) {
  let x = 0;
  let y = 0;
  return arc.map(([dx, dy]) => {
    x += dx;
    y += dy;
    return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
  });
}

function ringOf(indices, arcs) {
  const ring = [];
  for (const index of indices) {
    const points = index < 0 ? [...arcs[~index]].reverse() : arcs[index];
    for (let i = ring.length ? 1 : 0; i < points.length; i++) ring.push([...points[i]]);
  }
  return unwrap(ring);
}

/** Rings run across the antimeridian: their longitudes are made to go on there, and a ring that
    goes around the earth is closed by way of the south pole. */
function unwrap(ring) {
  for (let i = 1; i < ring.length; i++) {
    ring[i][0] -= 360 * Math.round((ring[i][0] - ring[i - 1][0]) / 360);
  }
  const first = ring[0];
  const last = ring[ring.length - 1];
  if (Math.abs(last[0] - first[0]) > 180) ring.push([last[0], -90], [first[0], -90]);
  return ring;
}

// South of this there is no open water; the data has the ice shelves there as sea.
const ICE_SOUTH = -79;

/** Land and what is within `km` of a coast. */
export function markLand(land, {polygons, coasts}, km) {
  for (let row = 0; row < (ICE_SOUTH + 90) * BITS; row++) land.mark(row, 0, COLUMNS);
  for (const {rings} of polygons) land.fill(rings);
  for (const coast of coasts) {
    for (let i = 1; i < coast.length; i++) markAlong(land, coast[i - 1], coast[i], km);
  }
}

function markAlong(land, from, to, km) {
  const dx = to[0] - from[0] - 360 * Math.round((to[0] - from[0]) / 360);
  const dy = to[1] - from[1];
  const length = Math.hypot(dx * Math.cos((from[1] * Math.PI) / 180), dy) * KM_PER_DEGREE;
  const steps = Math.max(1, Math.ceil(length));
  for (let i = 0; i < steps; i++) {
    land.markAround(from[0] + (dx * i) / steps, from[1] + (dy * i) / steps, km);
  }
}
