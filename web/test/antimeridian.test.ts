import { describe, expect, it } from 'vitest';

import { nearestCopy, shortestSpan, unwrapLine, unwrapRing } from '../src/map/antimeridian.js';
import { trailLine } from '../src/map/overlay.js';
import { worldFeatures } from '../src/map/world.js';

describe('unwrapLine', () => {
  it('goes on past the antimeridian both ways', () => {
    expect(
      unwrapLine([
        [179, 1],
        [-179, 2],
        [-178, 3],
      ]),
    ).toEqual([
      [179, 1],
      [181, 2],
      [182, 3],
    ]);
    expect(
      unwrapLine([
        [-179, 1],
        [179, 2],
      ]),
    ).toEqual([
      [-179, 1],
      [-181, 2],
    ]);
  });

  it('comes back where it went', () => {
    expect(
      unwrapLine([
        [179, 0],
        [-179, 0],
        [178, 0],
      ]),
    ).toEqual([
      [179, 0],
      [181, 0],
      [178, 0],
    ]);
  });

  it('leaves other lines alone', () => {
    expect(
      unwrapLine([
        [-90, 0],
        [89, 0],
      ]),
    ).toEqual([
      [-90, 0],
      [89, 0],
    ]);
  });
});

describe('unwrapRing', () => {
  it('closes a ring around the south pole along it', () => {
    const ring = [
      [-180, -70],
      [-90, -71],
      [0, -72],
      [90, -71],
      [180, -70],
      [-180, -70],
    ];
    const closed = unwrapRing(ring);
    expect(closed.slice(-3)).toEqual([
      [180, -90],
      [-180, -90],
      [-180, -70],
    ]);
    expect(closed[0]).toEqual(closed[closed.length - 1]);
  });

  it('keeps a ring that only crosses closed as it is', () => {
    const ring = [
      [179, 0],
      [-179, 0],
      [-179, 1],
      [179, 1],
      [179, 0],
    ];
    expect(unwrapRing(ring)).toEqual([
      [179, 0],
      [181, 0],
      [181, 1],
      [179, 1],
      [179, 0],
    ]);
  });
});

describe('shortestSpan', () => {
  it('crosses the antimeridian when that is shorter', () => {
    expect(shortestSpan(Float64Array.of(-178, 175, 179))).toEqual({ west: 175, east: 182 });
    expect(shortestSpan(Float64Array.of(-10, 20, 5))).toEqual({ west: -10, east: 20 });
    expect(shortestSpan(Float64Array.of(7))).toEqual({ west: 7, east: 7 });
    expect(shortestSpan(new Float64Array(0))).toBeUndefined();
  });
});

describe('nearestCopy', () => {
  it('takes the short way', () => {
    expect(nearestCopy(-179, 179)).toBe(181);
    expect(nearestCopy(10, 15)).toBe(10);
  });
});

describe('trailLine', () => {
  it('does not cross the world and ends on the tracker', () => {
    const line = trailLine([
      { latitude: 0, longitude: 179.9 },
      { latitude: 0, longitude: -179.9 },
    ]);
    expect(line[1]?.[0]).toBeCloseTo(-179.9);
    expect(line[0]?.[0]).toBeCloseTo(-180.1);
  });
});

describe('worldFeatures', () => {
  it('tells land, coast, borders and names apart', () => {
    // Two unit squares side by side: the arc between them is a border, the others coast.
    const topology = {
      type: 'Topology' as const,
      arcs: [
        [
          [1, 0],
          [1, 1],
        ],
        [
          [1, 1],
          [0, 1],
          [0, 0],
          [1, 0],
        ],
        [
          [1, 0],
          [3, 0],
          [3, 1],
          [1, 1],
        ],
      ],
      objects: {
        countries: {
          type: 'GeometryCollection' as const,
          geometries: [
            { type: 'Polygon' as const, arcs: [[0, 1]], properties: { name: 'West' } },
            { type: 'Polygon' as const, arcs: [[2, -1]], properties: { name: 'East' } },
          ],
        },
        land: {
          type: 'GeometryCollection' as const,
          geometries: [{ type: 'Polygon' as const, arcs: [[1, 2]] }],
        },
      },
    };
    const features = worldFeatures(topology).features;
    const kinds = features.map((feature) => feature.properties?.['kind']);
    expect(kinds).toEqual(['land', 'coast', 'border', 'country', 'country']);
    expect(features[2]?.geometry).toEqual({
      type: 'MultiLineString',
      coordinates: [
        [
          [1, 0],
          [1, 1],
        ],
      ],
    });
    expect(features[3]?.properties?.['name']).toBe('West');
    expect(features[3]?.geometry).toEqual({ type: 'Point', coordinates: [0.5, 0.5] });
    expect(features[4]?.geometry).toEqual({ type: 'Point', coordinates: [2, 0.5] });
  });
});
