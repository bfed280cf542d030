import type { Feature, FeatureCollection, Position } from 'geojson';

const kFarStep = 30;
const kNearStep = 10;
const kMaxLatitude = 85;

function line(kind: string, coordinates: Position[]): Feature {
  return { type: 'Feature', properties: { kind }, geometry: { type: 'LineString', coordinates } };
}

function meridiansAndParallels(step: number, kind: string, skip: number): Feature[] {
  const features: Feature[] = [];
  const isSkipped = (degrees: number): boolean => skip > 0 && degrees % skip === 0;
  for (let longitude = -180; longitude < 180; longitude += step) {
    if (isSkipped(longitude)) continue;
    features.push(
      line(kind, [
        [longitude, -kMaxLatitude],
        [longitude, kMaxLatitude],
      ]),
    );
  }
  for (let latitude = -90 + step; latitude < 90; latitude += step) {
    if (isSkipped(latitude) || Math.abs(latitude) > kMaxLatitude) continue;
    features.push(
      line(kind, [
        [-180, latitude],
        [180, latitude],
      ]),
    );
  }
  return features;
}

/** Lines each 30 degrees (`far`), and those each 10 degrees in between (`near`). */
export function graticule(): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: [
      ...meridiansAndParallels(kFarStep, 'far', 0),
      ...meridiansAndParallels(kNearStep, 'near', kFarStep),
    ],
  };
}

// Name, longitude, latitude, and from which zoom on it is worth its room.
const kSeas: ReadonlyArray<[name: string, longitude: number, latitude: number, zoom: number]> = [
  ['Pacific Ocean', -130, 36, 0],
  ['Pacific Ocean', -120, -25, 0],
  ['Pacific Ocean', 165, 25, 0],
  ['Atlantic Ocean', -40, 32, 0],
  ['Atlantic Ocean', -15, -25, 0],
  ['Indian Ocean', 80, -25, 0],
  ['Arctic Ocean', -160, 79, 1],
  ['Southern Ocean', 60, -62, 0],
  ['Mediterranean Sea', 18, 34.5, 3],
  ['Caribbean Sea', -75, 15, 3],
  ['Gulf of Mexico', -90, 25, 3],
  ['Gulf of Alaska', -146, 57, 3],
  ['Bering Sea', -177, 58, 3],
  ['Hudson Bay', -86, 60, 3],
  ['Labrador Sea', -54, 57, 3],
  ['North Sea', 3, 56.3, 4],
  ['Norwegian Sea', 3, 67, 3],
  ['Baltic Sea', 19.5, 57.2, 4],
  ['Bay of Biscay', -5, 45.5, 4],
  ['Black Sea', 34, 43.2, 4],
  ['Caspian Sea', 50.5, 42, 4],
  ['Red Sea', 38, 20.5, 4],
  ['Arabian Sea', 64, 15, 3],
  ['Bay of Bengal', 88, 14, 3],
  ['South China Sea', 114, 14, 3],
  ['East China Sea', 125, 29, 4],
  ['Sea of Japan', 135, 40, 4],
  ['Sea of Okhotsk', 150, 54, 3],
  ['Philippine Sea', 133, 18, 3],
  ['Coral Sea', 156, -17, 3],
  ['Tasman Sea', 160, -37, 3],
  ['Barents Sea', 40, 74, 3],
  ['Greenland Sea', -5, 76, 3],
  ['Gulf of Guinea', 2, 1, 3],
  ['English Channel', -1.5, 50.1, 6],
  ['Irish Sea', -5.2, 53.8, 6],
  ['Adriatic Sea', 15.5, 43, 5],
  ['Aegean Sea', 25, 38.6, 6],
  ['Persian Gulf', 51.5, 27, 5],
];

export function seaNames(): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: kSeas.map(([name, longitude, latitude, zoom]) => ({
      type: 'Feature',
      properties: { name, zoom },
      geometry: { type: 'Point', coordinates: [longitude, latitude] },
    })),
  };
}
