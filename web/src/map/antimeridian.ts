import type { Position } from 'geojson';

/**
 * The same line without jumps: where a step exceeds half the globe it went across the antimeridian,
 * so the rest of the line moves by a whole turn. Longitudes may leave ±180.
 */
export function unwrapLine(line: readonly Position[]): Position[] {
  let turn = 0;
  let previous: number | undefined;
  return line.map((position) => {
    const longitude = position[0] ?? 0;
    const latitude = position[1] ?? 0;
    if (previous !== undefined) {
      if (longitude - previous > 180) turn -= 360;
      else if (longitude - previous < -180) turn += 360;
    }
    previous = longitude;
    return [longitude + turn, latitude];
  });
}

/** As `unwrapLine`; a ring around a pole, which then does not close, is closed along that pole. */
export function unwrapRing(ring: readonly Position[]): Position[] {
  const open = unwrapLine(ring);
  const first = open[0];
  const last = open[open.length - 1];
  if (!first || !last) return open;
  const [firstLongitude = 0, firstLatitude = 0] = first;
  const [lastLongitude = 0] = last;
  if (Math.abs(firstLongitude - lastLongitude) < 180) return open;
  const pole = firstLatitude < 0 ? -90 : 90;
  return [...open, [lastLongitude, pole], [firstLongitude, pole], first];
}

/** The longitude among its copies that is nearest to another. */
export function nearestCopy(longitude: number, reference: number): number {
  return longitude + 360 * Math.round((reference - longitude) / 360);
}

export interface Span {
  west: number;
  east: number;
}

/**
 * The shortest span that holds all longitudes: everything but the widest gap between two
 * neighbours. `east` exceeds 180 where the span crosses the antimeridian.
 */
export function shortestSpan(longitudes: Float64Array): Span | undefined {
  const sorted = longitudes.slice().sort();
  const first = sorted[0];
  const last = sorted[sorted.length - 1];
  if (first === undefined || last === undefined) return undefined;
  let widest = first + 360 - last;
  let span: Span = { west: first, east: last };
  for (let index = 1; index < sorted.length; index++) {
    const west = sorted[index] ?? 0;
    const before = sorted[index - 1] ?? 0;
    if (west - before > widest) {
      widest = west - before;
      span = { west, east: before + 360 };
    }
  }
  return span;
}
