import type { Status } from '../format/words.js';
import { splitHighLow } from './mercator.js';

/** Bytes of one marker: see the attribute offsets. */
export const kStride = 48;
export const kOffset = {
  /** Each: high x, high y, low x, low y. */
  previous: 0,
  current: 16,
  glide: 32,
  courses: 40,
  kind: 44,
} as const;

export const kHasCourse = 1;
/** Seconds a marker takes to its new position, at most. */
export const kGlideSeconds = 1.2;

const kBlock = 64;
const kCourseSteps = 65_536;

export interface MarkerState {
  x: number;
  y: number;
  course: number | undefined;
  status: Status;
}

/**
 * What the shader reads of each tracker, by slot, and the same positions in doubles for picking.
 * Writes mark blocks of 64 slots; `takeDirtyRuns` gives them back joined.
 */
export class MarkerBuffer {
  private bytes = new ArrayBuffer(0);
  private view = new DataView(this.bytes);
  private capacity = 0;
  private targets = new Float64Array(0);
  private origins = new Float64Array(0);
  private present = new Uint8Array(0);
  private dirty = new Uint8Array(0);

  get buffer(): ArrayBuffer {
    return this.bytes;
  }

  has(slot: number): boolean {
    return this.present[slot] === 1;
  }

  /** True when the store outgrew the buffer and the GL buffer has to be made anew. */
  reserve(slots: number): boolean {
    if (slots <= this.capacity) return false;
    let capacity = Math.max(kBlock * 4, this.capacity);
    while (capacity < slots) capacity *= 2;
    const bytes = new ArrayBuffer(capacity * kStride);
    new Uint8Array(bytes).set(new Uint8Array(this.bytes));
    this.bytes = bytes;
    this.view = new DataView(bytes);
    this.targets = enlarge(this.targets, capacity * 2);
    this.origins = enlarge(this.origins, capacity * 2);
    const present = new Uint8Array(capacity);
    present.set(this.present);
    this.present = present;
    this.capacity = capacity;
    this.dirty = new Uint8Array(capacity / kBlock).fill(1);
    return true;
  }

  /**
   * Writes one marker. With `glide` it moves there from where it is drawn at `nowSeconds`, the
   * short way round; without, it jumps. The slot must be reserved.
   */
  set(slot: number, state: MarkerState, glide: boolean, nowSeconds: number): void {
    const at = slot * kStride;
    const glides = glide && this.has(slot);
    const from = glides ? this.drawnAt(slot, nowSeconds) : { x: state.x, y: state.y };
    // The start may lie outside the unit square, so that the way to the target is short.
    const startX = from.x + Math.round(state.x - from.x);
    const oldCourse = this.view.getUint16(at + kOffset.courses + 2, true);
    const course = Math.round(((state.course ?? 0) / 360) * kCourseSteps) & (kCourseSteps - 1);
    this.writePoint(at + kOffset.previous, startX, from.y);
    this.writePoint(at + kOffset.current, state.x, state.y);
    this.view.setFloat32(at + kOffset.glide, nowSeconds, true);
    this.view.setFloat32(at + kOffset.glide + 4, glides ? kGlideSeconds : 0, true);
    this.view.setUint16(at + kOffset.courses, glides ? oldCourse : course, true);
    this.view.setUint16(at + kOffset.courses + 2, course, true);
    this.view.setUint8(at + kOffset.kind, state.status);
    this.view.setUint8(at + kOffset.kind + 1, state.course === undefined ? 0 : kHasCourse);
    this.targets[slot * 2] = state.x;
    this.targets[slot * 2 + 1] = state.y;
    this.origins[slot * 2] = startX;
    this.origins[slot * 2 + 1] = from.y;
    this.present[slot] = 1;
    this.markDirty(slot);
  }

  /** Changes a marker's status and nothing else, so that a glide goes on. */
  setStatus(slot: number, status: Status): void {
    this.view.setUint8(slot * kStride + kOffset.kind, status);
    this.markDirty(slot);
  }

  remove(slot: number): void {
    if (slot < this.capacity) this.present[slot] = 0;
  }

  /** Where the marker is going, on the unit square. */
  target(slot: number): { x: number; y: number } {
    return { x: this.targets[slot * 2] ?? 0, y: this.targets[slot * 2 + 1] ?? 0 };
  }

  /** Where the shader draws the marker at a time. */
  drawnAt(slot: number, nowSeconds: number): { x: number; y: number } {
    const target = this.target(slot);
    const at = slot * kStride + kOffset.glide;
    const length = this.view.getFloat32(at + 4, true);
    if (length <= 0) return target;
    const share = (nowSeconds - this.view.getFloat32(at, true)) / length;
    if (share >= 1) return target;
    const eased = easeGlide(Math.max(0, share));
    const x = this.origins[slot * 2] ?? 0;
    const y = this.origins[slot * 2 + 1] ?? 0;
    return { x: x + (target.x - x) * eased, y: y + (target.y - y) * eased };
  }

  /** Byte ranges written since the last call, neighbouring blocks joined. */
  takeDirtyRuns(): Array<{ offset: number; length: number }> {
    const runs: Array<{ offset: number; length: number }> = [];
    const blockBytes = kBlock * kStride;
    let open: { offset: number; length: number } | undefined;
    this.dirty.forEach((isDirty, block) => {
      if (isDirty === 0) {
        open = undefined;
      } else if (open) {
        open.length += blockBytes;
      } else {
        open = { offset: block * blockBytes, length: blockBytes };
        runs.push(open);
      }
    });
    this.dirty.fill(0);
    return runs;
  }

  private writePoint(at: number, x: number, y: number): void {
    const [xHigh, xLow] = splitHighLow(x);
    const [yHigh, yLow] = splitHighLow(y);
    this.view.setFloat32(at, xHigh, true);
    this.view.setFloat32(at + 4, yHigh, true);
    this.view.setFloat32(at + 8, xLow, true);
    this.view.setFloat32(at + 12, yLow, true);
  }

  private markDirty(slot: number): void {
    this.dirty[Math.floor(slot / kBlock)] = 1;
  }
}

/** The glide's pace; the vertex shader has the same. */
export function easeGlide(share: number): number {
  return share * (2 - share);
}

function enlarge(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(array);
  return larger;
}
