import type { MarkerBuffer } from './marker-buffer.js';
import type { Camera } from './marker-layer.js';

/**
 * The slot drawn nearest to a point of the view, at most `radiusPx` away. Looks at all world
 * copies, so that markers beyond the antimeridian are found where they are seen. Linear in `slots`.
 */
export function pick(
  markers: MarkerBuffer,
  slots: Uint32Array,
  camera: Camera,
  pixel: { x: number; y: number },
  radiusPx: number,
  nowSeconds: number,
): number | undefined {
  const x = camera.x + (pixel.x - camera.originX) / camera.worldPx;
  const y = camera.y + (pixel.y - camera.originY) / camera.worldPx;
  const reach = radiusPx / camera.worldPx;
  // A marker on its way may be seen elsewhere than where it goes, though not far.
  const slack = reach * 40;
  let best: number | undefined;
  let bestSquare = reach * reach;
  for (const slot of slots) {
    const target = markers.target(slot);
    if (Math.abs(target.y - y) > slack) continue;
    const drawn = markers.drawnAt(slot, nowSeconds);
    let dx = drawn.x - x;
    dx -= Math.round(dx);
    const dy = drawn.y - y;
    const square = dx * dx + dy * dy;
    if (square <= bestSquare) {
      bestSquare = square;
      best = slot;
    }
  }
  return best;
}
