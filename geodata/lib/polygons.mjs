// Which polygon has a point, exactly.
export class Polygons {
  /** list: [{rings, ...}]; the longitudes of a ring may go beyond 180 degrees. */
  constructor(list) {
    this.list = list.map((polygon) => ({polygon, box: boxOf(polygon.rings[0])}));
  }

  at(lon, lat) {
    for (const {polygon, box} of this.list) {
      if (lat < box.south || lat > box.north) continue;
      for (const x of [lon, lon - 360, lon + 360]) {
        if (x >= box.west && x <= box.east && holds(polygon.rings, x, lat)) return polygon;
      }
    }
    return null;
  }
}

function boxOf(ring) {
  const box = {west: Infinity, east: -Infinity, south: Infinity, north: -Infinity};
  for (const [x, y] of ring) {
    box.west = Math.min(box.west, x);
    box.east = Math.max(box.east, x);
    box.south = Math.min(box.south, y);
    box.north = Math.max(box.north, y);
  }
  return box;
}

function holds(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    let from = ring[ring.length - 1];
    for (const to of ring) {
      if (from[1] > y !== to[1] > y &&
          x < from[0] + ((y - from[1]) / (to[1] - from[1])) * (to[0] - from[0])) {
        inside = !inside;
      }
      from = to;
    }
  }
  return inside;
}
