import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { formatLocalMinute } from '../format/time.js';
import { initials, roleWord } from '../format/words.js';
import { leave } from '../model/account.js';
import { now } from '../model/clock.js';
import { loginOffered, loginRequired, openLogin, person, session } from '../model/session.js';
import { EyeIcon } from './icons.js';

/** Puts the focus where the account is shown, when what had it went away. */
export function focusAccount(): void {
  requestAnimationFrame(() => {
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (lost) document.querySelector<HTMLElement>('button.account')?.focus();
  });
}

/** Who the server takes the visitor for, and the way in and out. `brief` shows the picture only. */
export function Account({ brief = false }: { brief?: boolean }): JSX.Element {
  if (person.value) return <SignedIn brief={brief} />;
  const nobody = loginRequired.value ? 'Signed out' : 'Public view';
  const content = (
    <>
      <span class="avatar">
        <EyeIcon />
      </span>
      {!brief && (
        <span class="account-text" data-testid="user">
          <b>{nobody}</b>
          {loginOffered.value && <span class="account-link">Sign in to see your trackers</span>}
        </span>
      )}
    </>
  );
  if (!loginOffered.value) return <div class="account">{content}</div>;
  const label = brief ? { 'aria-label': `${nobody}. Sign in to see your trackers` } : {};
  return (
    <button type="button" class="account" aria-haspopup="dialog" onClick={openLogin} {...label}>
      {content}
    </button>
  );
}

function SignedIn({ brief }: { brief: boolean }): JSX.Element {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const onPointer = (event: PointerEvent): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [open]);
  const onKey = (event: KeyboardEvent): void => {
    if (!open || event.key !== 'Escape') return;
    event.stopPropagation();
    setOpen(false);
    button.current?.focus();
  };
  const onFocusOut = (event: FocusEvent): void => {
    if (event.relatedTarget && !root.current?.contains(event.relatedTarget as Node)) setOpen(false);
  };
  const name = person.value?.name ?? '';
  const role = roleWord(session.value?.roles ?? []);
  return (
    <div class="account-root" ref={root} onKeyDown={onKey} onFocusOut={onFocusOut}>
      <button
        ref={button}
        type="button"
        class="account"
        aria-expanded={open}
        aria-label={`${name}, ${role}`}
        onClick={() => setOpen(!open)}
      >
        <span class="avatar">{initials(name)}</span>
        {!brief && (
          <span class="account-text" data-testid="user">
            <b>{name}</b>
            <span>{role}</span>
          </span>
        )}
      </button>
      {open && <AccountPanel place={brief ? 'below' : 'above'} name={name} role={role} />}
    </div>
  );
}

interface PanelProps {
  place: 'above' | 'below';
  name: string;
  role: string;
}

function AccountPanel({ place, name, role }: PanelProps): JSX.Element {
  const [busy, setBusy] = useState(false);
  const expires = session.value?.expires_at;
  const signOut = (): void => {
    if (busy) return;
    setBusy(true);
    void leave().finally(() => {
      setBusy(false);
      focusAccount();
    });
  };
  return (
    <section class={`account-panel account-${place}`} aria-label="Account">
      <b>{name}</b>
      <span>{role}</span>
      {expires !== undefined && (
        <span>{`Signed in until ${formatLocalMinute(Date.parse(expires), now.value)}`}</span>
      )}
      {loginOffered.value && (
        <button type="button" class="button" aria-disabled={busy} onClick={signOut}>
          {busy ? 'Signing out' : 'Sign out'}
        </button>
      )}
    </section>
  );
}
