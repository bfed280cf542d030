import type { JSX } from 'preact';

import { theme, toggleTheme } from '../model/preferences.js';
import { Account } from './account.js';
import { MoonIcon, SunIcon } from './icons.js';
import { UnitsMenu } from './menus.js';

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
  return (
    <footer class="sidebar-foot">
      <Account />
      <UnitsMenu place="above-end" />
      <ThemeButton />
    </footer>
  );
}
