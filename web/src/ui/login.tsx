import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

import { formatWait } from '../format/time.js';
import { enter } from '../model/account.js';
import { now } from '../model/clock.js';
import { closeLogin, loginOpen, loginRequired, sessionEnded } from '../model/session.js';
import type { SignInOutcome } from '../model/sign-in.js';
import { focusAccount } from './account.js';
import { Logo, WarningIcon } from './icons.js';

/** The sign-in dialog, while it is open. */
export function Login(): JSX.Element | null {
  return loginOpen.value ? <LoginDialog /> : null;
}

type Problem = Exclude<SignInOutcome, { kind: 'done' }>;

function LoginDialog(): JSX.Element {
  const dialog = useModal();
  const user = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  // The state is one rendering late, which a double click is not.
  const asking = useRef(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  useLayoutEffect(() => {
    user.current?.focus();
    const field = password.current;
    return () => {
      if (field) field.value = '';
    };
  }, []);
  const waiting = problem?.kind === 'wait' && problem.until > now.value;
  const shown = problem?.kind === 'wait' && !waiting ? undefined : problem;

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const [name, secret] = [user.current, password.current];
    if (asking.current || waiting || !name || !secret) return;
    asking.current = true;
    setBusy(true);
    setProblem(undefined);
    const outcome = await enter({ user: name.value.trim(), password: secret.value });
    if (outcome.kind === 'done') return;
    asking.current = false;
    setBusy(false);
    setProblem(outcome);
    if (outcome.kind !== 'mismatch') return;
    secret.value = '';
    secret.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    // Not also the selection behind the dialog.
    event.stopPropagation();
    event.preventDefault();
    if (!busy) closeLogin();
  };

  // A phone's way back; the state closes the dialog, not the browser.
  const onCancel = (event: Event): void => {
    event.preventDefault();
    if (!busy) closeLogin();
  };
  // A browser may close it all the same.
  const onClose = (event: Event): void => {
    if ((event.currentTarget as HTMLElement).isConnected) closeLogin();
  };

  const mismatch = shown?.kind === 'mismatch';
  const described = {
    'aria-invalid': mismatch,
    'aria-describedby': mismatch ? kProblemId : undefined,
  };
  return (
    <dialog
      ref={dialog}
      class="login"
      aria-labelledby="login-title"
      aria-describedby="login-text"
      onKeyDown={onKey}
      onCancel={onCancel}
      onClose={onClose}
    >
      <form
        method="post"
        action="/api/login"
        aria-busy={busy}
        onSubmit={(event) => void submit(event)}
      >
        <Logo />
        <h2 id="login-title">Sign in to Trackwire</h2>
        <p id="login-text">{introduction()}</p>
        <label for="login-user">Email</label>
        <input
          ref={user}
          id="login-user"
          name="user"
          type="text"
          inputMode="email"
          autocomplete="username"
          autocapitalize="none"
          autocorrect="off"
          spellcheck={false}
          maxLength={254}
          required
          readOnly={busy}
          {...described}
        />
        <label for="login-password">Password</label>
        <input
          ref={password}
          id="login-password"
          name="password"
          type="password"
          autocomplete="current-password"
          maxLength={1024}
          required
          readOnly={busy}
          onInput={() => mismatch && setProblem(undefined)}
          {...described}
        />
        {shown && <ProblemLine problem={shown} />}
        <button type="submit" class="button primary" aria-disabled={busy || waiting}>
          {busy && <i class="spinner" />}
          {busy ? 'Signing in' : 'Sign in'}
        </button>
        {!loginRequired.value && (
          <button type="button" class="button quiet" disabled={busy} onClick={closeLogin}>
            Continue without an account
          </button>
        )}
      </form>
    </dialog>
  );
}

const kProblemId = 'login-problem';

function introduction(): string {
  if (sessionEnded.value) return 'Your session has ended. Sign in again.';
  const own = 'See the trackers of your organisation.';
  return loginRequired.value ? own : `${own} Public trackers stay visible without an account.`;
}

function ProblemLine({ problem }: { problem: Problem }): JSX.Element {
  const [spoken] = useState(() => problemWord(problem, Date.now()));
  return (
    <p class="login-problem" id={kProblemId}>
      <WarningIcon />
      {/* The time counts down for the eyes; spoken, once is enough. */}
      <span aria-hidden="true">{problemWord(problem, now.value)}</span>
      <span class="unseen" role="alert">
        {spoken}
      </span>
    </p>
  );
}

function problemWord(problem: Problem, nowMs: number): string {
  switch (problem.kind) {
    case 'mismatch':
      return 'That email and password do not match.';
    case 'wait':
      return `Too many attempts. Try again in ${formatWait(problem.until - nowMs)}.`;
    case 'failed':
      return problem.text;
  }
}

/** Opens a dialog over everything else; the focus stays in it, and afterwards returns. */
function useModal(): { current: HTMLDialogElement | null } {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    const opener = document.activeElement;
    const onTab = (event: KeyboardEvent): void => {
      if (event.key === 'Tab' && element) keepTabWithin(element, event);
    };
    // Before the next key can come.
    element?.addEventListener('keydown', onTab);
    element?.showModal();
    return () => {
      element?.removeEventListener('keydown', onTab);
      element?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
      // What opened it went away with the sign-in.
      else focusAccount();
    };
  }, []);
  return ref;
}

/** A browser would go on to its own buttons; here the first follows the last. */
function keepTabWithin(root: HTMLElement, event: KeyboardEvent): void {
  const stops = [...root.querySelectorAll<HTMLElement>('input, button:not(:disabled)')];
  const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (document.activeElement !== from || !to) return;
  event.preventDefault();
  to.focus();
}
