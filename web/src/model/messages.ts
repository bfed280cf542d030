import { signal } from '@preact/signals';

export interface Message {
  tone: 'good' | 'bad';
  text: string;
}

const kShownMs = 6_000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The short message on the map, or null. */
export const message = signal<Message | null>(null);

/** Shows a message for a while; a newer one replaces it. */
export function showMessage(next: Message): void {
  clearTimeout(timer);
  message.value = next;
  timer = setTimeout(() => (message.value = null), kShownMs);
}

export function clearMessage(): void {
  clearTimeout(timer);
  message.value = null;
}
