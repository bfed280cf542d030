import type { CustomLayerInterface, Map as MapLibreMap } from 'maplibre-gl';

import { Status } from '../format/words.js';
import { kGlideSeconds, type MarkerBuffer } from './marker-buffer.js';
import { type MarkerProgram, createMarkerProgram, deleteMarkerProgram } from './marker-program.js';
import { kWorldPx, splitHighLow, toMercator, visibleCopies } from './mercator.js';
import { type Palette, parseColor } from './palette.js';

export const kMarkerLayer = 'markers';

const kPingSeconds = 0.9;
/** Half the point size that holds ring and ping, in CSS pixels. */
const kHaloPx = 46;
const kPlainAbove = 8_000;
const kPlainBelowZoom = 6.5;
/** Markers are drawn to this far outside of the view. */
const kEdgePx = 48;

/** Where the view is, on the unit square and in CSS pixels. */
export interface Camera {
  x: number;
  y: number;
  originX: number;
  originY: number;
  width: number;
  height: number;
  worldPx: number;
  zoom: number;
}

/** The map is north up and flat, so its centre and the world's size say it all. */
export function cameraOf(map: MapLibreMap): Camera {
  const center = map.getCenter();
  const origin = map.project(center);
  const zoom = map.getZoom();
  const canvas = map.getCanvas();
  return {
    ...toMercator(center.lng, center.lat),
    originX: origin.x,
    originY: origin.y,
    width: canvas.clientWidth,
    height: canvas.clientHeight,
    worldPx: kWorldPx * 2 ** zoom,
    zoom,
  };
}

/** Radii in CSS pixels of arrows and of the other shapes. */
export function markerRadii(zoom: number): [arrow: number, dot: number] {
  const share = Math.min(1, Math.max(0, (zoom - 3.5) / 5.5));
  const arrow = 4.6 + share * (11 - 4.6);
  return [arrow, arrow / 2];
}

export function nowSeconds(): number {
  return performance.now() / 1000;
}

/** Draws all visible trackers as points in the order of an index list. */
export class MarkerLayer implements CustomLayerInterface {
  readonly id = kMarkerLayer;
  readonly type = 'custom' as const;
  readonly renderingMode = '2d' as const;

  private map: MapLibreMap | undefined;
  private own: MarkerProgram | undefined;
  private indices = new Uint32Array(0);
  private indicesChanged = true;
  private verticesReplaced = true;
  private glideUntil = 0;
  private hovered: number | undefined;
  private selected: number | undefined;
  private pingStart = -Infinity;
  private palette: Palette;
  private readonly markers: MarkerBuffer;
  private readonly isStill: () => boolean;

  /** `isStill` tells whether motion is to be left out. */
  constructor(markers: MarkerBuffer, palette: Palette, isStill: () => boolean) {
    this.markers = markers;
    this.palette = palette;
    this.isStill = isStill;
  }

  onAdd(map: MapLibreMap, gl: WebGL2RenderingContext): void {
    this.map = map;
    this.own = createMarkerProgram(gl);
    this.indicesChanged = true;
    this.verticesReplaced = true;
  }

  onRemove(_map: MapLibreMap, gl: WebGL2RenderingContext): void {
    if (this.own) deleteMarkerProgram(gl, this.own);
    this.own = undefined;
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
  }

  /** Slots to draw, the last on top. */
  setIndices(indices: Uint32Array<ArrayBuffer>): void {
    this.indices = indices;
    this.indicesChanged = true;
  }

  visible(): Uint32Array {
    return this.indices;
  }

  /** The marker buffer grew: its GL copy has to be made anew. */
  replaceVertices(): void {
    this.verticesReplaced = true;
  }

  /** A glide began: the map is drawn until it ends. */
  glide(): void {
    this.glideUntil = nowSeconds() + kGlideSeconds;
  }

  setHovered(slot: number | undefined): void {
    this.hovered = slot;
  }

  setSelected(slot: number | undefined): void {
    if (slot !== undefined && slot !== this.selected && !this.isStill()) {
      this.pingStart = nowSeconds();
    }
    this.selected = slot;
  }

  render(gl: WebGL2RenderingContext): void {
    const { map, own } = this;
    if (!map || !own || gl.isContextLost()) return;
    const now = nowSeconds();
    gl.useProgram(own.program);
    gl.bindVertexArray(own.vertexArray);
    this.upload(gl, own);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    const camera = cameraOf(map);
    this.setUniforms(gl, own, camera, now);
    const left = camera.originX + kEdgePx;
    const right = camera.width - camera.originX + kEdgePx;
    for (const copy of visibleCopies(camera.x, left, right, camera.worldPx)) {
      this.drawCopy(gl, own, camera, copy, now);
    }
    gl.bindVertexArray(null);
    if (now < this.glideUntil || now < this.pingStart + kPingSeconds) map.triggerRepaint();
  }

  private upload(gl: WebGL2RenderingContext, own: MarkerProgram): void {
    gl.bindBuffer(gl.ARRAY_BUFFER, own.vertices);
    const runs = this.markers.takeDirtyRuns();
    if (this.verticesReplaced) {
      gl.bufferData(gl.ARRAY_BUFFER, this.markers.buffer, gl.DYNAMIC_DRAW);
      this.verticesReplaced = false;
    } else {
      for (const run of runs) {
        const bytes = new Uint8Array(this.markers.buffer, run.offset, run.length);
        gl.bufferSubData(gl.ARRAY_BUFFER, run.offset, bytes);
      }
    }
    if (this.indicesChanged) {
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, own.indices);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.indices, gl.DYNAMIC_DRAW);
      this.indicesChanged = false;
    }
  }

  private setUniforms(
    gl: WebGL2RenderingContext,
    own: MarkerProgram,
    camera: Camera,
    now: number,
  ): void {
    const { at } = own;
    const isPlain = this.indices.length > kPlainAbove && camera.zoom < kPlainBelowZoom;
    gl.uniform2f(at.u_origin, camera.originX, camera.originY);
    gl.uniform2f(at.u_view, camera.width, camera.height);
    gl.uniform1f(at.u_world, camera.worldPx);
    // Far in the future, every glide is over.
    gl.uniform1f(at.u_time, this.isStill() ? 1e9 : now);
    gl.uniform1f(at.u_ratio, gl.drawingBufferWidth / Math.max(1, camera.width));
    gl.uniform1f(at.u_plain, isPlain ? 1 : 0);
    gl.uniform2f(at.u_radius, ...markerRadii(camera.zoom));
    const order = [Status.kOffline, Status.kUnknown, Status.kStopped, Status.kMoving];
    const colors = order.flatMap((status) => parseColor(this.palette.status[status]));
    gl.uniform3fv(at.u_colors, colors);
    gl.uniform3f(at.u_casing, ...parseColor(this.palette.casing));
    gl.uniform3f(at.u_accent, ...parseColor(this.palette.accent));
  }

  private drawCopy(
    gl: WebGL2RenderingContext,
    own: MarkerProgram,
    camera: Camera,
    copy: number,
    now: number,
  ): void {
    const { at } = own;
    const [xHigh, xLow] = splitHighLow(camera.x - copy);
    const [yHigh, yLow] = splitHighLow(camera.y);
    gl.uniform4f(at.u_center, xHigh, yHigh, xLow, yLow);
    gl.uniform1f(at.u_halo, 0);
    gl.drawElements(gl.POINTS, this.indices.length, gl.UNSIGNED_INT, 0);
    if (this.hovered !== undefined && this.hovered !== this.selected) {
      this.drawHalo(gl, own, this.hovered, 0.55, -1);
    }
    if (this.selected !== undefined && this.markers.has(this.selected)) {
      const ping = (now - this.pingStart) / kPingSeconds;
      this.drawHalo(gl, own, this.selected, 1, ping < 1 ? ping : -1);
    }
  }

  private drawHalo(
    gl: WebGL2RenderingContext,
    own: MarkerProgram,
    slot: number,
    strength: number,
    ping: number,
  ): void {
    const { at } = own;
    gl.uniform1f(at.u_plain, 0);
    gl.uniform1f(at.u_halo, kHaloPx);
    gl.uniform1f(at.u_ring, strength);
    gl.uniform1f(at.u_ping, ping);
    gl.drawArrays(gl.POINTS, slot, 1);
  }
}
