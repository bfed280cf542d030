import type {
  Feature,
  FeatureCollection,
  Geometry,
  MultiPolygon,
  Polygon,
  Position,
} from 'geojson';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';

import { unwrapLine, unwrapRing } from './antimeridian.js';

/** Topology of the world-atlas files. */
export type WorldTopology = Topology<{
  countries: GeometryCollection<{ name: string }>;
  land: GeometryCollection;
}>;

function unwrapPolygons(geometry: Geometry | null): Position[][][] {
  if (!geometry) return [];
  if (geometry.type === 'Polygon') return [geometry.coordinates.map(unwrapRing)];
  if (geometry.type === 'MultiPolygon') {
    return geometry.coordinates.map((polygon) => polygon.map(unwrapRing));
  }
  return geometry.type === 'GeometryCollection' ? geometry.geometries.flatMap(unwrapPolygons) : [];
}

/** Twice the signed area in square degrees, and the centroid. */
function ringCentre(ring: readonly Position[]): { area: number; centre: Position } {
  let area = 0;
  let x = 0;
  let y = 0;
  for (let index = 1; index < ring.length; index++) {
    const [ax = 0, ay = 0] = ring[index - 1] ?? [];
    const [bx = 0, by = 0] = ring[index] ?? [];
    const cross = ax * by - bx * ay;
    area += cross;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  }
  return {
    area: Math.abs(area),
    centre: area === 0 ? (ring[0] ?? [0, 0]) : [x / (3 * area), y / (3 * area)],
  };
}

function nameFeature(country: Feature<Geometry | null, { name: string }>): Feature[] {
  let best: { area: number; centre: Position } | undefined;
  for (const polygon of unwrapPolygons(country.geometry)) {
    const outer = polygon[0];
    if (!outer) continue;
    const found = ringCentre(outer);
    if (!best || found.area > best.area) best = found;
  }
  if (!best) return [];
  return [
    {
      type: 'Feature',
      properties: {
        kind: 'country',
        name: country.properties.name,
        area: Math.round(best.area * 10) / 10,
      },
      geometry: { type: 'Point', coordinates: best.centre },
    },
  ];
}

/** Land, coast, borders and country names, as features told apart by the property `kind`. */
export function worldFeatures(topology: WorldTopology): FeatureCollection {
  const { countries, land } = topology.objects;
  const polygons = feature(topology, land).features.flatMap((entry) =>
    unwrapPolygons(entry.geometry),
  );
  const landGeometry: MultiPolygon | Polygon = { type: 'MultiPolygon', coordinates: polygons };
  const lines = (kind: string, isCoast: boolean): Feature => ({
    type: 'Feature',
    properties: { kind },
    geometry: {
      type: 'MultiLineString',
      coordinates: mesh(topology, countries, (a, b) => (a === b) === isCoast).coordinates.map(
        unwrapLine,
      ),
    },
  });
  return {
    type: 'FeatureCollection',
    features: [
      { type: 'Feature', properties: { kind: 'land' }, geometry: landGeometry },
      lines('coast', true),
      lines('border', false),
      ...feature(topology, countries).features.flatMap(nameFeature),
    ],
  };
}
