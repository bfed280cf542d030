/** The phone sheet's resting places: status tiles, half, and all but the search bar. */
export type SheetStop = 'low' | 'half' | 'full';

export const kSheetStops: readonly SheetStop[] = ['low', 'half', 'full'];

const kLowPx = 116;
const kHalfShare = 0.56;
const kFullGapPx = 84;
/** A fling of this many pixels a millisecond goes on to the next stop. */
const kFling = 0.5;

export function stopHeight(stop: SheetStop, viewHeight: number): number {
  switch (stop) {
    case 'low':
      return kLowPx;
    case 'half':
      return Math.round(viewHeight * kHalfShare);
    case 'full':
      return viewHeight - kFullGapPx;
  }
}

/** Where a sheet let go at `height` comes to rest; `speed` upwards in pixels a millisecond. */
export function restingStop(height: number, speed: number, viewHeight: number): SheetStop {
  const heights = kSheetStops.map((stop) => stopHeight(stop, viewHeight));
  if (Math.abs(speed) > kFling) {
    const next =
      speed > 0
        ? heights.findIndex((candidate) => candidate > height)
        : heights.findLastIndex((candidate) => candidate < height);
    return kSheetStops[next] ?? (speed > 0 ? 'full' : 'low');
  }
  const distances = heights.map((candidate) => Math.abs(candidate - height));
  return kSheetStops[distances.indexOf(Math.min(...distances))] ?? 'low';
}
