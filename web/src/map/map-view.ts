import { effect, untracked } from '@preact/signals';
import {
  Map as MapLibreMap,
  importScriptInWorkers,
  setWorkerCount,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import placesUrl from 'virtual:places';
import coarseUrl from 'world-atlas/countries-110m.json?url';
import fineUrl from 'world-atlas/countries-10m.json?url';
import middleUrl from 'world-atlas/countries-50m.json?url';

import { type Padding, fitRequest, mapCommands, mapPadding, view } from '../model/view.js';
import { reducedMotion, theme } from '../model/preferences.js';
import { clearSelection, focusRequest, following, select, selectedId } from '../model/selection.js';
import { results, selected, store } from '../model/trackers.js';
import { trailOf } from '../model/trails.js';
import type { Fix, Tracker } from '../model/tracker.js';
import { nearestCopy } from './antimeridian.js';
import { type Bounds, boundsOf } from './bounds.js';
import { MarkerBuffer } from './marker-buffer.js';
import { MarkerLayer, cameraOf, kMarkerLayer, nowSeconds } from './marker-layer.js';
import { MarkerSync } from './marker-sync.js';
import { SelectionOverlay } from './overlay.js';
import { kPalettes } from './palette.js';
import { pick } from './picking.js';
import { kFont, baseStyle, themePaint } from './style.js';
import worldWorkerUrl from './world.worker.js?worker&url';

const kFineFromZoom = 5;
const kFocusZoom = 10;
const kFitMaxZoom = 9;
const kFitMarginPx = 48;
/** The share of trackers on each side that the first view may leave out. */
const kOutliers = 0.05;
const kPickPx = 14;
const kTouchPickPx = 22;
const kFlyMs = 900;
const kMoveMs = 360;

type WorldDetail = 'coarse' | 'middle' | 'fine';

const kWorldUrls: Record<WorldDetail, string> = {
  coarse: coarseUrl,
  middle: middleUrl,
  fine: fineUrl,
};

function absolute(url: string): string {
  return new URL(url, location.href).href;
}

function worldSource(detail: WorldDetail): string {
  return `world://${encodeURIComponent(absolute(kWorldUrls[detail]))}`;
}

/** Prepares MapLibre's worker and the label font; the map can then be made at once. */
export async function prepareMap(): Promise<void> {
  setWorkerUrl(workerUrl);
  // MapLibre deals its sources out in turn: the fine world to one, the selection to the other, so
  // that a trail need not wait for the world.
  setWorkerCount(2);
  // The suffix makes MapLibre import the script as a module, which the page's policy allows.
  const script = importScriptInWorkers(`${absolute(worldWorkerUrl)}#.mjs`);
  await Promise.all([script, document.fonts.load(`16px "${kFont}"`)]);
}

/** The map: base, markers, selection, camera. Lives as long as the page. */
export class MapView {
  private readonly map: MapLibreMap;
  private readonly markers = new MarkerBuffer();
  private readonly layer: MarkerLayer;
  private readonly sync: MarkerSync;
  /** Also tells that the map has a style to change. */
  private overlay: SelectionOverlay | undefined;
  private detail: WorldDetail = 'coarse';
  private hoverFrame = 0;
  private padding: Padding = { top: 0, right: 0, bottom: 0, left: 0 };
  private fitted = false;
  /** Where a camera flight under way is going. */
  private focused: Tracker | undefined;
  /** Where the camera that follows a tracker was last sent. */
  private followed: Fix | undefined;

  constructor(container: HTMLElement) {
    const palette = kPalettes[theme.peek()];
    this.map = new MapLibreMap({
      container,
      style: baseStyle(theme.peek(), {
        world: worldSource('coarse'),
        places: `places://${encodeURIComponent(absolute(placesUrl))}`,
      }),
      center: [0, 25],
      zoom: 1.4,
      minZoom: 0.5,
      maxZoom: 17.5,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      rollEnabled: false,
      attributionControl: false,
      fadeDuration: 0,
      locale: { 'Map.Title': 'Map of the trackers' },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.layer = new MarkerLayer(this.markers, palette, () => reducedMotion.peek());
    this.sync = new MarkerSync(this.markers, this.layer, () => this.map.triggerRepaint());
    this.sync.start();
    this.listen();
    this.react();
    this.publishView();
    mapCommands.value = {
      zoomBy: (steps) => void this.map.zoomTo(this.map.getZoom() + steps, this.motion(kMoveMs)),
      showAll: () => {
        following.value = false;
        this.fit(boundsOf(results.peek().items), true);
      },
    };
  }

  private listen(): void {
    const map = this.map;
    map.on('style.load', () => this.addOwnLayers());
    // MapLibre then has no style until it has rebuilt it, and loads that anew.
    map.on('webglcontextlost', () => (this.overlay = undefined));
    map.on('sourcedata', (event) => {
      if (event.sourceId === 'world' && event.isSourceLoaded) this.refineWorld();
    });
    map.on('move', () => this.publishView());
    map.on('moveend', () => {
      this.refineWorld();
      if (!this.map.isMoving()) this.focused = undefined;
    });
    map.on('dragstart', () => (following.value = false));
    map.on('movestart', ({ originalEvent }: { originalEvent?: unknown }) => {
      // A drag without a pointer.
      const isKey = originalEvent instanceof KeyboardEvent;
      if (isKey && originalEvent.key.startsWith('Arrow')) following.value = false;
    });
    map.on('mousemove', (event) => this.hoverSoon(event.point));
    map.on('mouseout', () => this.hover(undefined));
    map.on('click', (event) => {
      const touch = (event.originalEvent as PointerEvent).pointerType === 'touch';
      this.click(event.point, touch ? kTouchPickPx : kPickPx);
    });
    map.on('error', (event) => {
      console.warn('map:', event.error.message);
      // What was there stays; the next move asks for the finer world again.
      if ('sourceId' in event && event.sourceId === 'world') this.detail = 'coarse';
    });
  }

  private react(): void {
    effect(() => this.applyTheme(theme.value));
    effect(() => this.applyPadding(mapPadding.value));
    effect(() => {
      const request = focusRequest.value;
      const tracker = request ? store.get(request.id) : undefined;
      if (tracker) untracked(() => this.focus(tracker));
    });
    effect(() => this.applySelection(selected.value?.tracker));
    effect(() => this.follow(following.value ? selected.value?.tracker : undefined));
    effect(() => {
      if (!this.fitted && results.value.items.length > 0) untracked(() => this.showMost(false));
    });
    effect(() => {
      if (fitRequest.value > 0) untracked(() => this.showMost(true));
    });
    effect(() => {
      void reducedMotion.value;
      this.map.triggerRepaint();
    });
  }

  /** At the start, and again after a lost context: the layer's buffers died with it. */
  private addOwnLayers(): void {
    if (!this.map.getLayer(kMarkerLayer)) this.map.addLayer(this.layer);
    this.overlay = new SelectionOverlay(this.map, kPalettes[theme.peek()]);
    this.applyTheme(theme.peek());
    this.applySelection(selected.peek()?.tracker);
  }

  private refineWorld(): void {
    if (!this.overlay) return;
    const wanted: WorldDetail = this.map.getZoom() >= kFineFromZoom ? 'fine' : 'middle';
    // From coarse always by way of middle: it is soon there and good enough to wait with.
    const next = this.detail === 'coarse' ? 'middle' : wanted;
    if (this.detail === next || this.detail === 'fine') return;
    const source = this.map.getSource('world');
    if (!source || !('setData' in source) || !this.map.isSourceLoaded('world')) return;
    this.detail = next;
    (source as unknown as { setData(data: string): void }).setData(worldSource(next));
  }

  private publishView(): void {
    view.value = { latitude: this.map.getCenter().lat, zoom: this.map.getZoom() };
  }

  private motion(duration: number): { duration: number; animate: boolean } {
    const still = reducedMotion.peek();
    return { duration: still ? 0 : duration, animate: !still };
  }

  /** Where most trackers are, whatever the filters say. */
  private showMost(animated: boolean): void {
    this.fit(boundsOf(store.all(), kOutliers), animated);
  }

  private fit(bounds: Bounds | undefined, animated: boolean): void {
    if (!bounds) return;
    this.fitted = true;
    this.map.fitBounds(
      [
        [bounds.west, bounds.south],
        [bounds.east, bounds.north],
      ],
      {
        padding: {
          top: this.padding.top + kFitMarginPx,
          right: this.padding.right + kFitMarginPx,
          bottom: this.padding.bottom + kFitMarginPx,
          left: this.padding.left + kFitMarginPx,
        },
        maxZoom: kFitMaxZoom,
        ...(animated ? this.motion(kFlyMs) : { animate: false }),
      },
    );
  }

  private focus(tracker: Tracker): void {
    const fix = tracker.fix;
    if (!fix) return;
    this.focused = tracker;
    const center = this.map.getCenter();
    const target = {
      center: [nearestCopy(fix.longitude, center.lng), fix.latitude] as [number, number],
      zoom: Math.max(kFocusZoom, this.map.getZoom()),
      offset: this.freeCentre(),
    };
    // Chosen before there was a map: it opens there, and not where most trackers are.
    const opens = !this.fitted;
    this.fitted = true;
    if (opens || reducedMotion.peek()) this.map.easeTo({ ...target, duration: 0 });
    else this.map.flyTo({ ...target, duration: kFlyMs });
  }

  /** A change that is not one of place must not end what the visitor does with the camera. */
  private follow(tracker: Tracker | undefined): void {
    const fix = tracker?.fix;
    const isNew = fix !== this.followed;
    this.followed = fix;
    if (!tracker || !fix || !isNew) return;
    // A flight there goes on, to where it now is: it also zooms.
    if (this.focused === tracker && this.map.isMoving()) return this.focus(tracker);
    const center = this.map.getCenter();
    this.map.easeTo({
      center: [nearestCopy(fix.longitude, center.lng), fix.latitude],
      offset: this.freeCentre(),
      ...this.motion(kFlyMs),
    });
  }

  private applyPadding(padding: Padding): void {
    const changed = JSON.stringify(padding) !== JSON.stringify(this.padding);
    this.padding = padding;
    if (!changed || !this.fitted) return;
    const tracker = untracked(() => selected.value)?.tracker;
    if (!tracker?.fix) return;
    // The card or sheet that opens for a tracker moves the place the flight to it has to end at.
    if (this.map.isMoving() && this.focused === tracker) this.focus(tracker);
    if (this.map.isMoving() || !this.isCovered(tracker)) return;
    this.map.easeTo({
      center: [nearestCopy(tracker.fix.longitude, this.map.getCenter().lng), tracker.fix.latitude],
      offset: this.freeCentre(),
      ...this.motion(kMoveMs),
    });
  }

  /** From the map's centre to that of the part nothing covers, in pixels. */
  private freeCentre(): [number, number] {
    const { top, right, bottom, left } = this.padding;
    return [(left - right) / 2, (top - bottom) / 2];
  }

  /** True when the card or the sheet lies over the tracker. */
  private isCovered(tracker: Tracker): boolean {
    const fix = tracker.fix;
    if (!fix) return false;
    const center = this.map.getCenter().lng;
    const point = this.map.project([nearestCopy(fix.longitude, center), fix.latitude]);
    const canvas = this.map.getCanvas();
    return (
      point.x > canvas.clientWidth - this.padding.right ||
      point.y > canvas.clientHeight - this.padding.bottom
    );
  }

  private applyTheme(name: 'dark' | 'light'): void {
    const palette = kPalettes[name];
    this.layer.setPalette(palette);
    if (!this.overlay) return;
    for (const [layer, property, value] of themePaint(name)) {
      this.map.setPaintProperty(layer, property as 'fill-color', value as string);
    }
    this.overlay.setPalette(palette);
    this.map.triggerRepaint();
  }

  private applySelection(tracker: Tracker | undefined): void {
    this.layer.setSelected(tracker?.fix ? tracker.slot : undefined);
    // Read in any case: the effect that calls this has to hear of it.
    const trail = tracker ? trailOf(tracker) : [];
    this.overlay?.show(tracker?.fix, trail);
    this.map.triggerRepaint();
  }

  private pickAt(point: { x: number; y: number }, radiusPx: number): number | undefined {
    const camera = cameraOf(this.map);
    return pick(this.markers, this.layer.visible(), camera, point, radiusPx, nowSeconds());
  }

  private hoverSoon(point: { x: number; y: number }): void {
    cancelAnimationFrame(this.hoverFrame);
    this.hoverFrame = requestAnimationFrame(() => this.hover(this.pickAt(point, kPickPx)));
  }

  private hover(slot: number | undefined): void {
    cancelAnimationFrame(this.hoverFrame);
    this.map.getCanvas().style.cursor = slot === undefined ? '' : 'pointer';
    this.layer.setHovered(slot);
    this.map.triggerRepaint();
  }

  private click(point: { x: number; y: number }, radiusPx: number): void {
    const slot = this.pickAt(point, radiusPx);
    const tracker = slot === undefined ? undefined : this.sync.trackerAt(slot);
    if (tracker) select(tracker.id, false);
    else if (selectedId.peek() !== undefined) clearSelection();
  }
}
