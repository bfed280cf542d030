import type { JSX } from 'preact';

import { chartPoints, linePath } from '../format/sparkline.js';
import { scaleBar } from '../format/units.js';
import { formatCount } from '../format/words.js';
import { metresPerPixel } from '../map/mercator.js';
import { rateNow } from '../model/live.js';
import { layout, units } from '../model/preferences.js';
import { mapCommands, view } from '../model/view.js';
import { addressParts } from './address-parts.js';
import { FrameIcon, MinusIcon, PlusIcon } from './icons.js';

const kScaleMaxPx = 110;
const kRateWidth = 64;
const kRateHeight = 16;

export function RatePill(): JSX.Element {
  const { perSecond, past } = rateNow.value;
  const top = Math.max(1, ...past);
  const values = past.map((value, at) => ({ at, value }));
  const points = chartPoints(values, kRateWidth, kRateHeight - 3, top);
  return (
    <div class="rate-pill">
      <svg
        width={kRateWidth}
        height={kRateHeight}
        viewBox={`0 -1.5 ${kRateWidth} ${kRateHeight}`}
        aria-hidden="true"
      >
        <path class="speed-path" d={linePath(points)} />
      </svg>
      <span>
        <b data-testid="rate">{formatCount(perSecond)}</b> updates/s
      </span>
    </div>
  );
}

/** Zooming for pointers; the keyboard has + and − on the map itself. */
export function MapButtons(): JSX.Element | null {
  const commands = mapCommands.value;
  if (!commands) return null;
  return (
    <div class="map-buttons">
      <div class="button-stack">
        <button type="button" aria-label="Zoom in" onClick={() => commands.zoomBy(1)}>
          <PlusIcon />
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => commands.zoomBy(-1)}>
          <MinusIcon />
        </button>
      </div>
      <button
        type="button"
        class="button-single"
        aria-label="Show all trackers"
        onClick={commands.showAll}
      >
        <FrameIcon />
      </button>
    </div>
  );
}

export function ScaleBar(): JSX.Element | null {
  const current = view.value;
  if (!current) return null;
  const bar = scaleBar(metresPerPixel(current.latitude, current.zoom), kScaleMaxPx, units.value);
  return (
    <div class="scale" style={{ width: `${bar.widthPx.toFixed(1)}px` }} data-testid="scale">
      {bar.text}
    </div>
  );
}

export function Credit(): JSX.Element {
  const parts = addressParts.value;
  return (
    <p class="credit">
      Natural Earth, GeoNames
      {parts && layout.value === 'wide' && <parts.AddressCredits />}
    </p>
  );
}
