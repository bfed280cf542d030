import { computed, signal } from '@preact/signals';

import { layout } from './preferences.js';
import { selected } from './trackers.js';

/** What the map shows, for the scale bar. */
export interface ViewState {
  latitude: number;
  zoom: number;
}

export const view = signal<ViewState | undefined>(undefined);

/** Why there is no map, or undefined. */
export const mapProblem = signal<string | undefined>(undefined);

/** Height in pixels of the phone's sheet, when it rests. */
export const sheetHeight = signal(116);

const kEdge = 16;
const kCardWidth = { wide: 384, compact: 344 } as const;
const kPhoneTop = 116;

export interface Padding {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** What of the map the card or the sheet covers. */
export const mapPadding = computed<Padding>(() => {
  const size = layout.value;
  if (size === 'phone') {
    // A full sheet leaves no room at all; the map then stays where it was.
    const bottom = Math.min(sheetHeight.value, innerHeight * 0.56);
    return { top: kPhoneTop, right: 0, bottom, left: 0 };
  }
  const right = selected.value ? kCardWidth[size] + kEdge : 0;
  return { top: 0, right, bottom: 0, left: 0 };
});

/** Grows when the map is to show all trackers, wherever it is. */
export const fitRequest = signal(0);

/** Commands from buttons outside of the map. */
export interface MapCommands {
  zoomBy(steps: number): void;
  showAll(): void;
}

export const mapCommands = signal<MapCommands | undefined>(undefined);
