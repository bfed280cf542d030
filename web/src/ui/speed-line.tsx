import type { JSX } from 'preact';

import { chartPoints, linePath } from '../format/sparkline.js';
import { formatSpan } from '../format/time.js';
import { formatSpeed } from '../format/units.js';
import { units } from '../model/preferences.js';
import type { Tracker } from '../model/tracker.js';
import { trailOf } from '../model/trails.js';

const kWidth = 344;
const kHeight = 34;
/** Room above the highest speed, so that the line is not cut. */
const kHeadroom = 1.12;

/** The speeds along a tracker's trail. */
export function SpeedLine({ shown }: { shown: { tracker: Tracker } }): JSX.Element {
  const { tracker } = shown;
  const trail = trailOf(tracker);
  const samples = trail
    .filter((sample) => !Number.isNaN(sample.speedMps))
    .map((sample) => ({ at: sample.timeMs, value: sample.speedMps }));
  const first = samples[0];
  const last = samples[samples.length - 1];
  if (!first || !last || samples.length < 2) {
    return (
      <section class="detail-part">
        <div class="part-head">
          <h3>Track</h3>
        </div>
        <p class="part-note">
          {trail.length < 2 ? 'Drawn from the second position on.' : 'Its speed is not known.'}
        </p>
      </section>
    );
  }
  const top = Math.max(...samples.map((sample) => sample.value));
  const points = chartPoints(samples, kWidth, kHeight, Math.max(top, 0.5) * kHeadroom);
  const line = linePath(points);
  const figure = formatSpeed(top, units.value);
  const caption = `last ${formatSpan(last.at - first.at)}, up to ${figure.value} ${figure.unit}`;
  return (
    <section class="detail-part">
      <div class="part-head">
        <h3>Track</h3>
        <span data-testid="track-caption">{caption}</span>
      </div>
      <svg
        class="speed-line"
        viewBox={`0 0 ${kWidth} ${kHeight}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Speed, ${caption}`}
      >
        <defs>
          <linearGradient id="speed-fade" x1="0" y1="0" x2="0" y2="1">
            <stop class="fade-from" offset="0" />
            <stop class="fade-to" offset="1" />
          </linearGradient>
        </defs>
        <path class="speed-area" d={`${line}L${kWidth} ${kHeight}L0 ${kHeight}Z`} />
        <path class="speed-path" d={line} />
      </svg>
    </section>
  );
}
