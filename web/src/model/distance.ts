const kEarthM = 6_371_000;
const kRadian = Math.PI / 180;

export interface Point {
  /** Degrees. */
  latitude: number;
  longitude: number;
}

/** Metres between two points along the surface of a round earth. */
export function distanceM(a: Point, b: Point): number {
  const north = Math.sin(((b.latitude - a.latitude) * kRadian) / 2);
  const east = Math.sin(((b.longitude - a.longitude) * kRadian) / 2);
  const parallels = Math.cos(a.latitude * kRadian) * Math.cos(b.latitude * kRadian);
  return 2 * kEarthM * Math.asin(Math.min(1, Math.sqrt(north * north + parallels * east * east)));
}
