import { computed, signal } from '@preact/signals';

import type { SessionInfo } from '../../client/index.js';
import { isAdmin as isAdminSession, personOf } from './identity.js';

/** Who the server takes this page for; undefined until it has said so. */
export const session = signal<SessionInfo | undefined>(undefined);

/** Who is signed in, or null. */
export const person = computed(() => personOf(session.value));

/** Show a control for admins only when this is true; the server checks again in any case. */
export const isAdmin = computed(() => isAdminSession(session.value));

/** The server signs people in with a password. */
export const loginOffered = signal(false);

/** The server lets nobody in without an account. */
export const loginRequired = signal(false);

/** Somebody was signed in, is no more, and did not sign out here. */
export const sessionEnded = signal(false);

/** The sign-in dialog is open. */
export const loginOpen = signal(false);

export function openLogin(): void {
  if (loginOffered.peek()) loginOpen.value = true;
}

export function closeLogin(): void {
  loginOpen.value = false;
}
