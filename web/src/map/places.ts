import type { FeatureCollection } from 'geojson';

/** The place list as shipped: columns, coordinates in hundredths of a degree. */
export interface PlaceColumns {
  /** Names, one a line. */
  names: string;
  longitudes: number[];
  latitudes: number[];
  /** Thousands of inhabitants, largest first. */
  population: number[];
}

export function placeFeatures(columns: PlaceColumns): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: columns.names.split('\n').map((name, index) => ({
      type: 'Feature',
      properties: { name, population: columns.population[index] ?? 0 },
      geometry: {
        type: 'Point',
        coordinates: [
          (columns.longitudes[index] ?? 0) / 100,
          (columns.latitudes[index] ?? 0) / 100,
        ],
      },
    })),
  };
}
