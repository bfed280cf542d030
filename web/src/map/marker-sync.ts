import { effect } from '@preact/signals';

import { reducedMotion } from '../model/preferences.js';
import type { StoreChanges } from '../model/tracker-store.js';
import type { Tracker } from '../model/tracker.js';
import { onChanges, results, store } from '../model/trackers.js';
import { drawOrder } from './index-list.js';
import { MarkerBuffer } from './marker-buffer.js';
import { type MarkerLayer, nowSeconds } from './marker-layer.js';
import { toMercator } from './mercator.js';

/** Keeps the marker buffer and its layer in step with the trackers. */
export class MarkerSync {
  readonly markers: MarkerBuffer;
  /** Tracker by slot, to tell what a pick found. */
  private readonly bySlot: Array<Tracker | undefined> = [];
  private readonly layer: MarkerLayer;
  private readonly repaint: () => void;
  private readonly stops: Array<() => void> = [];

  constructor(markers: MarkerBuffer, layer: MarkerLayer, repaint: () => void) {
    this.markers = markers;
    this.layer = layer;
    this.repaint = repaint;
  }

  start(): void {
    this.reserve();
    for (const tracker of store.all()) this.write(tracker, false);
    this.stops.push(onChanges((changes) => this.take(changes)));
    this.stops.push(effect(() => this.order(results.value.items)));
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  trackerAt(slot: number): Tracker | undefined {
    return this.bySlot[slot];
  }

  private take(changes: StoreChanges): void {
    this.reserve();
    for (const tracker of changes.removed) {
      if (this.bySlot[tracker.slot] !== tracker) continue;
      this.bySlot[tracker.slot] = undefined;
      this.markers.remove(tracker.slot);
    }
    let glides = false;
    let reorder = false;
    for (const tracker of changes.changed) {
      const isNew = !this.markers.has(tracker.slot);
      const moved = changes.moved.has(tracker);
      const glide = moved && !isNew && !reducedMotion.peek();
      // A mere change of status must not end a glide.
      if (!isNew && !moved && !changes.structural) {
        this.markers.setStatus(tracker.slot, tracker.status);
      } else {
        this.write(tracker, glide);
      }
      glides ||= glide;
      reorder ||= isNew || !moved;
    }
    if (glides) this.layer.glide();
    if (reorder) this.order(results.peek().items);
    if (changes.changed.size > 0 || changes.removed.length > 0) this.repaint();
  }

  private write(tracker: Tracker, glide: boolean): void {
    this.bySlot[tracker.slot] = tracker;
    const fix = tracker.fix;
    if (!fix) return;
    const point = toMercator(fix.longitude, fix.latitude);
    const state = { ...point, course: fix.course, status: tracker.status };
    this.markers.set(tracker.slot, state, glide, nowSeconds());
  }

  private reserve(): void {
    if (this.markers.reserve(store.slots)) this.layer.replaceVertices();
  }

  private order(items: readonly Tracker[]): void {
    this.layer.setIndices(drawOrder(items));
    this.repaint();
  }
}
