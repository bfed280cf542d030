import type { JSX } from 'preact';

import { initials, roleWord } from '../format/words.js';
import { session } from '../model/live.js';
import { theme, toggleTheme } from '../model/preferences.js';
import { EyeIcon, MoonIcon, SunIcon } from './icons.js';
import { UnitsMenu } from './menus.js';

/** Who the server takes the visitor for, as a round picture. */
export function Avatar(): JSX.Element {
  const user = session.value?.user;
  return (
    <span class="avatar" title={user ? user.name : 'Public view'}>
      {user ? initials(user.name) : <EyeIcon />}
    </span>
  );
}

export function ThemeButton(): JSX.Element {
  const next = theme.value === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      class="icon-button theme-button"
      aria-label={`Use the ${next} theme`}
      onClick={toggleTheme}
    >
      {theme.value === 'dark' ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}

/** The sidebar's last line: user, units, theme. */
export function SidebarFoot(): JSX.Element {
  const info = session.value;
  return (
    <footer class="sidebar-foot">
      <Avatar />
      <div class="foot-user" data-testid="user">
        {info?.user ? (
          <>
            <b>{info.user.name}</b>
            <span>{roleWord(info.roles)}</span>
          </>
        ) : (
          <b>Public view</b>
        )}
      </div>
      <UnitsMenu place="above-end" />
      <ThemeButton />
    </footer>
  );
}
