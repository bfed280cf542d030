const kCompass = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'] as const;

/** "37.80812° N, 122.44190° W" */
export function formatPosition(latitude: number, longitude: number): string {
  const northSouth = latitude < 0 ? 'S' : 'N';
  const eastWest = longitude < 0 ? 'W' : 'E';
  const degrees = (value: number): string => `${Math.abs(value).toFixed(5)}°`;
  return `${degrees(latitude)} ${northSouth}, ${degrees(longitude)} ${eastWest}`;
}

/** For the clipboard: decimal degrees as other maps read them. */
export function plainPosition(latitude: number, longitude: number): string {
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
}

/** A course in 0…359, rounded, so that 359.7 is 0 and not 360. */
export function wholeDegrees(course: number): number {
  return ((Math.round(course) % 360) + 360) % 360;
}

/** One of the eight compass points. */
export function compassPoint(course: number): string {
  return kCompass[Math.round(wholeDegrees(course) / 45) % 8] ?? 'N';
}

/** "± 8 m", "± 1.2 km" */
export function formatAccuracy(metres: number): string {
  if (metres < 1000) return `± ${Math.max(1, Math.round(metres))} m`;
  return `± ${(metres / 1000).toFixed(1)} km`;
}
