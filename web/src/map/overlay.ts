import type { Feature, FeatureCollection, Geometry, Position } from 'geojson';
import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';

import type { Fix } from '../model/tracker.js';
import { nearestCopy, unwrapLine } from './antimeridian.js';
import { kMarkerLayer } from './marker-layer.js';
import type { Palette } from './palette.js';
import { kFirstLabelLayer } from './style.js';

const kSource = 'selection';
const kTrail = 'trail';
const kAccuracy = 'accuracy';
const kCircleSteps = 64;
const kMetresPerDegree = 111_320;
const kNothing: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** A circle of so many metres around a fix. */
export function accuracyRing(fix: Fix, radiusM: number): Position[] {
  const latitudeStep = radiusM / kMetresPerDegree;
  const shrink = Math.max(0.01, Math.cos((fix.latitude * Math.PI) / 180));
  return Array.from({ length: kCircleSteps + 1 }, (_, index) => {
    const angle = ((index % kCircleSteps) / kCircleSteps) * 2 * Math.PI;
    return [
      fix.longitude + (latitudeStep / shrink) * Math.cos(angle),
      fix.latitude + latitudeStep * Math.sin(angle),
    ];
  });
}

/** The line through the fixes, without a jump at the antimeridian, ending near `fix`. */
export function trailLine(
  fixes: ReadonlyArray<{ latitude: number; longitude: number }>,
): Position[] {
  const line = unwrapLine(fixes.map((fix) => [fix.longitude, fix.latitude]));
  const last = line[line.length - 1];
  if (!last) return line;
  const shift = nearestCopy(last[0] ?? 0, 0) - (last[0] ?? 0);
  return line.map(([longitude = 0, latitude = 0]) => [longitude + shift, latitude]);
}

/** The selected tracker's trail and circle of accuracy. */
export class SelectionOverlay {
  private readonly map: MapLibreMap;

  constructor(map: MapLibreMap, palette: Palette) {
    this.map = map;
    // A style that was rebuilt after a lost context has them already.
    if (!map.getSource(kSource)) this.add();
    this.setPalette(palette);
  }

  private add(): void {
    const { map } = this;
    map.addSource(kSource, { type: 'geojson', data: kNothing, lineMetrics: true });
    map.addLayer(
      {
        id: kAccuracy,
        type: 'fill',
        source: kSource,
        filter: ['==', ['geometry-type'], 'Polygon'],
      },
      kFirstLabelLayer,
    );
    map.addLayer(
      {
        id: kTrail,
        type: 'line',
        source: kSource,
        filter: ['==', ['geometry-type'], 'LineString'],
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-width': 3 },
      },
      kMarkerLayer,
    );
  }

  setPalette(palette: Palette): void {
    this.map.setPaintProperty(kAccuracy, 'fill-color', palette.accent);
    this.map.setPaintProperty(kAccuracy, 'fill-opacity', 0.12);
    this.map.setPaintProperty(kTrail, 'line-gradient', [
      'interpolate',
      ['linear'],
      ['line-progress'],
      0,
      `${palette.accent}00`,
      1,
      palette.accent,
    ]);
  }

  show(fix: Fix | undefined, fixes: ReadonlyArray<{ latitude: number; longitude: number }>): void {
    const features: Feature[] = [];
    const coordinates = trailLine(fixes);
    if (coordinates.length > 1) features.push(feature({ type: 'LineString', coordinates }));
    const radius = fix?.accuracyM ?? 0;
    if (fix && radius > 0) {
      features.push(feature({ type: 'Polygon', coordinates: [accuracyRing(fix, radius)] }));
    }
    const source = this.map.getSource<GeoJSONSource>(kSource);
    void source?.setData({ type: 'FeatureCollection', features });
  }
}

function feature(geometry: Geometry): Feature {
  return { type: 'Feature', properties: {}, geometry };
}
