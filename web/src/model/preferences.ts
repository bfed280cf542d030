import { computed, effect, signal } from '@preact/signals';

import { type Units, kUnitChoices } from '../format/units.js';

export type Theme = 'dark' | 'light';

// A browser may refuse storage altogether; the page then simply forgets.
function load(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function save(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Nothing depends on it.
  }
}

const kUnitsKey = 'trackwire.units';
const kThemeKey = 'trackwire.theme';

function loadedUnits(): Units {
  const stored = load(kUnitsKey);
  return kUnitChoices.find((units) => units === stored) ?? 'knots';
}

function loadedTheme(): Theme | undefined {
  const stored = load(kThemeKey);
  return stored === 'dark' || stored === 'light' ? stored : undefined;
}

export const units = signal<Units>(loadedUnits());

export function chooseUnits(choice: Units): void {
  units.value = choice;
  save(kUnitsKey, choice);
}

const chosenTheme = signal<Theme | undefined>(loadedTheme());
const systemTheme = signal<Theme>('dark');
export const reducedMotion = signal(false);

/** The system's theme, until the visitor toggles it. */
export const theme = computed<Theme>(() => chosenTheme.value ?? systemTheme.value);

export function toggleTheme(): void {
  const next = theme.value === 'dark' ? 'light' : 'dark';
  chosenTheme.value = next;
  save(kThemeKey, next);
}

export type Layout = 'phone' | 'compact' | 'wide';
export const layout = signal<Layout>('wide');

function follow(query: string, take: (matches: boolean) => void): void {
  const list = matchMedia(query);
  take(list.matches);
  list.addEventListener('change', () => take(list.matches));
}

/** Starts following the system's settings and the window's width. Called once. */
export function watchEnvironment(): void {
  follow('(prefers-color-scheme: light)', (light) => {
    systemTheme.value = light ? 'light' : 'dark';
  });
  follow('(prefers-reduced-motion: reduce)', (reduced) => {
    reducedMotion.value = reduced;
  });
  const widths = (): void => {
    const width = innerWidth;
    layout.value = width < 720 ? 'phone' : width < 1100 ? 'compact' : 'wide';
  };
  widths();
  addEventListener('resize', widths);
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
  });
}
