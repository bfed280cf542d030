import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { formatCount } from '../format/words.js';
import { CheckIcon, ChevronIcon } from './icons.js';

export interface Choice<T> {
  value: T;
  label: string;
  count?: number;
}

interface MenuProps<T> {
  label: string;
  choices: ReadonlyArray<Choice<T>>;
  value: T;
  onChoose(value: T): void;
  /** Where the list opens from the button. */
  place?: 'below-start' | 'below-end' | 'above-end';
}

let nextId = 0;

/** A button that opens a list of choices. Arrow keys, Home, End, first letters, Enter, Esc. */
export function Menu<T>(props: MenuProps<T>): JSX.Element {
  const { label, choices, value, onChoose, place = 'below-start' } = props;
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const [id] = useState(() => `menu-${nextId++}`);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const current = Math.max(
    0,
    choices.findIndex((choice) => choice.value === value),
  );

  const show = (): void => {
    setActive(current);
    setOpen(true);
  };
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const choose = (index: number): void => {
    const choice = choices[index];
    if (choice) onChoose(choice.value);
    close();
  };

  // Before the next key can come, which is for the list.
  useLayoutEffect(() => {
    if (open) list.current?.focus();
  }, [open]);

  useEffect(() => {
    if (!open) return undefined;
    const onPointer = (event: PointerEvent): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [open]);

  useEffect(() => {
    if (open) document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' });
  }, [open, active, id]);

  const onKey = (event: KeyboardEvent): void => {
    const next = menuKey(
      event.key,
      active,
      choices.map((choice) => choice.label),
    );
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' || event.key === ' ') choose(active);
    else if (event.key === 'Tab') setOpen(false);
    else if (next !== undefined) setActive(next);
    else return;
    if (event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="menu" ref={root}>
      <button
        ref={button}
        type="button"
        class="menu-button"
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-label={`${label}: ${choices[current]?.label ?? ''}`}
        onClick={() => (open ? setOpen(false) : show())}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          show();
        }}
      >
        <span class="menu-value">{choices[current]?.label}</span>
        <ChevronIcon />
      </button>
      {open && (
        <ul
          ref={list}
          class={`menu-list menu-${place}`}
          role="listbox"
          tabIndex={-1}
          aria-label={label}
          aria-activedescendant={`${id}-${active}`}
          onKeyDown={onKey}
        >
          {choices.map((choice, index) => (
            <li
              key={index}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === current}
              data-active={index === active}
              onPointerMove={() => setActive(index)}
              onClick={() => choose(index)}
            >
              <span class="menu-check">{index === current && <CheckIcon />}</span>
              <span class="menu-label">{choice.label}</span>
              {choice.count !== undefined && (
                <span class="menu-count">{formatCount(choice.count)}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The choice a key goes to, or undefined for keys that move nowhere. */
export function menuKey(
  key: string,
  active: number,
  labels: readonly string[],
): number | undefined {
  const last = labels.length - 1;
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, active + 1);
    case 'ArrowUp':
      return Math.max(0, active - 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
  }
  if (key.length !== 1) return undefined;
  for (let step = 1; step <= labels.length; step++) {
    const index = (active + step) % labels.length;
    if (labels[index]?.toLowerCase().startsWith(key.toLowerCase())) return index;
  }
  return undefined;
}
