import type { JSX } from 'preact';

import { formatCount, kStatuses, statusKey, statusWord } from '../format/words.js';
import { statusFilter, toggleStatus } from '../model/filters.js';
import { results } from '../model/trackers.js';
import { Mark } from './icons.js';

/** How many trackers are in which status: legend, figures and filter in one. */
export function Tiles(): JSX.Element {
  const counts = results.value.counts;
  const chosen = statusFilter.value;
  return (
    <div class="tiles">
      <div class="status-bar" aria-hidden="true">
        {kStatuses.map((status) =>
          counts[status] > 0 ? (
            <span
              key={status}
              class={`bar-${statusKey(status)}`}
              style={{ flexGrow: counts[status] }}
            />
          ) : null,
        )}
      </div>
      <div class="tile-row" role="group" aria-label="Filter by status">
        {kStatuses.map((status) => (
          <button
            key={status}
            type="button"
            class="tile"
            data-status={statusKey(status)}
            data-dimmed={chosen.size > 0 && !chosen.has(status)}
            aria-pressed={chosen.has(status)}
            onClick={() => toggleStatus(status)}
          >
            <span class="tile-count">
              <Mark status={status} size={14} />
              <span data-testid="count">{formatCount(counts[status])}</span>
            </span>
            <span class="tile-label">{statusWord(status)}</span>
          </button>
        ))}
      </div>
    </div>
  );
}
