import { effect } from '@preact/signals';

import { type Credentials, TrackwireError, fetchMe, signIn, signOut } from '../../client/index.js';
import { expectEnd, link, renewIdentity } from './live.js';
import { showMessage } from './messages.js';
import { closeLogin, loginOffered, loginRequired, openLogin, person } from './session.js';
import { type SignInOutcome, outcomeOf } from './sign-in.js';

const kChannel = 'trackwire.account';
// Another tab of this browser shares the cookie, but not the connection that presented it.
const tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(kChannel);

/** Learns whether one can sign in here, and follows what other tabs do. Called once. */
export function watchAccount(): void {
  tabs?.addEventListener('message', () => renewIdentity());
  let known = false;
  let asking = false;
  const learn = async (): Promise<void> => {
    if (known || asking) return;
    asking = true;
    try {
      loginOffered.value = (await fetchMe()).login;
      known = true;
    } catch (error) {
      // A server without accounts says so; from any other failure the next connection may recover.
      known = error instanceof TrackwireError && error.code === 'not_found';
    } finally {
      asking = false;
    }
  };
  void learn();
  effect(() => {
    if (link.value.kind === 'live' || link.value.kind === 'refused') void learn();
  });
  effect(() => {
    if (loginRequired.value && loginOffered.value) openLogin();
  });
}

/** Signs in and, when that went well, becomes that user without a reload. */
export async function enter(credentials: Credentials): Promise<SignInOutcome> {
  try {
    await signIn(credentials);
  } catch (error) {
    return outcomeOf(error);
  }
  closeLogin();
  renewIdentity(true);
  tabs?.postMessage('changed');
  return { kind: 'done' };
}

/** Signs out; the page goes on with what everybody may see. */
export async function leave(): Promise<void> {
  expectEnd(true);
  try {
    await signOut();
  } catch {
    expectEnd(false);
    showMessage({ tone: 'bad', text: 'You could not be signed out. Try again.' });
    return;
  }
  // The server may have told the open connection already.
  if (person.peek()) renewIdentity();
  tabs?.postMessage('changed');
}
