/** Web Mercator on the unit square: x east from 180° W, y south from about 85° N. */
export interface Point {
  x: number;
  y: number;
}

const kMaxLatitude = 85.051129;
const kEarthCircumferenceM = 40_075_016.686;
/** Pixels of the whole world at zoom 0. */
export const kWorldPx = 512;

export function toMercator(longitude: number, latitude: number): Point {
  const bounded = Math.max(-kMaxLatitude, Math.min(kMaxLatitude, latitude));
  const sine = Math.sin((bounded * Math.PI) / 180);
  return {
    x: longitude / 360 + 0.5,
    y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI),
  };
}

/** What of `value` a float32 cannot hold goes into the second number. */
export function splitHighLow(value: number): [high: number, low: number] {
  const high = Math.fround(value);
  return [high, Math.fround(value - high)];
}

/** Ground metres in one pixel. */
export function metresPerPixel(latitude: number, zoom: number): number {
  const circle = kEarthCircumferenceM * Math.cos((latitude * Math.PI) / 180);
  return circle / (kWorldPx * 2 ** zoom);
}

/** Copies of the world, as whole numbers to add to x, that reach into the view. */
export function visibleCopies(
  centerX: number,
  leftPx: number,
  rightPx: number,
  worldPx: number,
): number[] {
  const first = Math.floor(centerX - leftPx / worldPx);
  const last = Math.floor(centerX + rightPx / worldPx);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
