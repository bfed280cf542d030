import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { selectedId } from '../model/selection.js';
import { type SheetStop, kSheetStops, restingStop, stopHeight } from '../model/sheet.js';
import { sheetHeight } from '../model/view.js';

const kStopWords: Record<SheetStop, string> = { low: 'Low', half: 'Half', full: 'Full' };

interface Drag {
  startY: number;
  startHeight: number;
  lastY: number;
  lastTime: number;
  speed: number;
}

/** The phone's bottom sheet: dragged by its grip, or moved with the arrow keys on it. */
export function Sheet({ children }: { children: ComponentChildren }): JSX.Element {
  const [stop, setStop] = useState<SheetStop>('low');
  const [dragged, setDragged] = useState<number | undefined>(undefined);
  const [viewHeight, setViewHeight] = useState(innerHeight);
  const drag = useRef<Drag | undefined>(undefined);
  const chosen = selectedId.value;
  useEffect(() => {
    const onResize = (): void => setViewHeight(innerHeight);
    addEventListener('resize', onResize);
    return () => removeEventListener('resize', onResize);
  }, []);
  useEffect(() => {
    if (chosen !== undefined) setStop('half');
  }, [chosen]);
  const resting = stopHeight(stop, viewHeight);
  useEffect(() => {
    sheetHeight.value = resting;
  }, [resting]);

  const onDown = (event: PointerEvent): void => {
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    drag.current = {
      startY: event.clientY,
      startHeight: resting,
      lastY: event.clientY,
      lastTime: event.timeStamp,
      speed: 0,
    };
  };
  const onMove = (event: PointerEvent): void => {
    const current = drag.current;
    if (!current) return;
    const elapsed = Math.max(1, event.timeStamp - current.lastTime);
    current.speed = (current.lastY - event.clientY) / elapsed;
    current.lastY = event.clientY;
    current.lastTime = event.timeStamp;
    const height = current.startHeight + current.startY - event.clientY;
    const [low, full] = [stopHeight('low', viewHeight), stopHeight('full', viewHeight)];
    setDragged(Math.max(low, Math.min(full, height)));
  };
  const onUp = (event: PointerEvent): void => {
    const current = drag.current;
    drag.current = undefined;
    if (!current || dragged === undefined) return;
    // A pointer that rested before it was lifted flings nothing.
    const speed = event.timeStamp - current.lastTime > 80 ? 0 : current.speed;
    setStop(restingStop(dragged, speed, viewHeight));
    setDragged(undefined);
  };
  const onKey = (event: KeyboardEvent): void => {
    const index = kSheetStops.indexOf(stop);
    const targets: Record<string, number> = {
      ArrowUp: index + 1,
      ArrowRight: index + 1,
      ArrowDown: index - 1,
      ArrowLeft: index - 1,
      Home: 0,
      End: kSheetStops.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    setStop(kSheetStops[Math.max(0, Math.min(kSheetStops.length - 1, target))] ?? stop);
  };

  return (
    <section
      class="sheet"
      data-stop={stop}
      data-dragged={dragged !== undefined}
      style={{ height: `${dragged ?? resting}px` }}
    >
      <div
        class="grip"
        role="slider"
        tabIndex={0}
        aria-label="Height of the sheet"
        aria-orientation="vertical"
        aria-valuemin={0}
        aria-valuemax={kSheetStops.length - 1}
        aria-valuenow={kSheetStops.indexOf(stop)}
        aria-valuetext={kStopWords[stop]}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={onUp}
        onKeyDown={onKey}
      >
        <i />
      </div>
      <div class="sheet-body">{children}</div>
    </section>
  );
}
