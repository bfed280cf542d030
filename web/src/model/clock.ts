import { computed, signal } from '@preact/signals';

/** This machine's clock, once a second. */
export const now = signal(Date.now());

/** When the last event came, by this machine's clock; when the first list came until then. */
export const lastEventMs = signal<number | undefined>(undefined);

const skewMs = signal(0);

/** The server's clock: what ages are counted against, whatever this machine's clock says. */
export const serverNow = computed(() => now.value + skewMs.value);

/** Takes the difference from a server time just received; small ones are the network's. */
export function learnServerTime(serverTime: string | undefined): void {
  if (serverTime === undefined) return;
  const difference = Date.parse(serverTime) - Date.now();
  skewMs.value = Math.abs(difference) < 1_000 ? 0 : difference;
}
