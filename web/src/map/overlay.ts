import type { FeatureCollection, Position } from 'geojson';
import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';

import type { Fix } from '../model/tracker.js';
import { nearestCopy, unwrapLine } from './antimeridian.js';
import { kMarkerLayer } from './marker-layer.js';
import type { Palette } from './palette.js';
import { kFirstLabelLayer } from './style.js';

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
    if (!map.getSource(kTrail)) this.add();
    this.setPalette(palette);
  }

  private add(): void {
    const { map } = this;
    map.addSource(kTrail, { type: 'geojson', data: kNothing, lineMetrics: true });
    map.addSource(kAccuracy, { type: 'geojson', data: kNothing });
    map.addLayer({ id: kAccuracy, type: 'fill', source: kAccuracy }, kFirstLabelLayer);
    map.addLayer(
      {
        id: kTrail,
        type: 'line',
        source: kTrail,
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
    const line = trailLine(fixes);
    this.source(kTrail)?.setData(
      line.length < 2
        ? kNothing
        : { type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: line } },
    );
    const radius = fix?.accuracyM;
    this.source(kAccuracy)?.setData(
      fix && radius !== undefined && radius > 0
        ? {
            type: 'Feature',
            properties: {},
            geometry: { type: 'Polygon', coordinates: [accuracyRing(fix, radius)] },
          }
        : kNothing,
    );
  }

  private source(id: string): GeoJSONSource | undefined {
    return this.map.getSource<GeoJSONSource>(id);
  }
}
