// Trackers and positions that all parts of the benchmark agree about.

export const idOf = (n) => `vehicle-${String(n).padStart(5, '0')}`;

/** A position of tracker `n` at a time in ms, as a notification has it. */
export function trackerOf(n, time) {
  return {
    tracker_id: idOf(n),
    latitude: 48 + (n % 1000) / 1000,
    longitude: 2 + Math.floor(n / 1000) / 1000,
    speed: 13.4,
    course: 271.5,
    fix_time: new Date(time).toISOString(),
  };
}

/** What a front end asks for to draw its first page. */
export const firstPage = `{
  trackers(first: 100) {
    edges {
      node {
        id name category connectivity motion
        position { latitude longitude speed course fixTime }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;
