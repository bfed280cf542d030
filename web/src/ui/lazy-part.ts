import { type ReadonlySignal, effect, signal } from '@preact/signals';

import { link } from '../model/live.js';

export interface LazyPart<T> {
  /** Undefined until it is loaded, null when it could not be. */
  part: ReadonlySignal<T | undefined | null>;
  /** Loads it once it is wanted, and again with the next connection if that failed. Called once. */
  watch(): void;
}

/** A part of the page that not everybody needs; `wanted` reads signals. */
export function lazyPart<T>(wanted: () => boolean, load: () => Promise<T>): LazyPart<T> {
  const part = signal<T | undefined | null>(undefined);
  let loading = false;
  const start = async (): Promise<void> => {
    if (loading || part.peek()) return;
    loading = true;
    try {
      part.value = await load();
    } catch (error) {
      part.value = null;
      console.warn('a part of the page:', error);
    } finally {
      loading = false;
    }
  };
  const watch = (): void => {
    effect(() => {
      if (wanted() && link.value.kind === 'live') void start();
    });
  };
  return { part, watch };
}
