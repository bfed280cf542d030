import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { query } from '../model/filters.js';
import { CloseIcon, SearchIcon } from './icons.js';

/** The search field; `/` goes there from anywhere but another field. */
export function Search(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLInputElement;
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const clear = (): void => {
    query.value = '';
    input.current?.focus();
  };
  return (
    <div class="search" role="search">
      <SearchIcon />
      <input
        ref={input}
        type="text"
        autocomplete="off"
        spellcheck={false}
        enterkeyhint="search"
        placeholder="Search name, call sign or id"
        aria-label="Search name, call sign or id"
        value={query.value}
        onInput={(event) => (query.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          if (query.value !== '') query.value = '';
          else input.current?.blur();
        }}
      />
      {query.value === '' ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <button type="button" class="icon-button" aria-label="Clear search" onClick={clear}>
          <CloseIcon />
        </button>
      )}
    </div>
  );
}
