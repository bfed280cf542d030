import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { clearFilters } from '../model/filters.js';
import { loading, retryList } from '../model/snapshot.js';
import { select, selectedId } from '../model/selection.js';
import { loginOffered, openLogin } from '../model/session.js';
import { holdList, results, rows, total } from '../model/trackers.js';
import { scrollToRow, visibleRows } from '../model/virtual.js';
import { Mark } from './icons.js';
import { Row, kRowHeight, rowId } from './row.js';
import { Status } from '../format/words.js';

const kOverscan = 4;

/** The tracker list, or what stands in its place. */
export function List(): JSX.Element {
  if (loading.value === 'failed') {
    return (
      <Empty title="Trackers could not be loaded">
        <button type="button" class="button" onClick={retryList}>
          Try again
        </button>
      </Empty>
    );
  }
  if (loading.value === 'refused') return <SignInFirst />;
  if (loading.value === 'loading') return <LoadingRows />;
  if (total.value === 0) {
    return <Empty title="No trackers yet" text="They appear here with their first position." />;
  }
  if (results.value.items.length === 0) {
    return (
      <Empty title="No tracker matches" text="Try another word, or clear the filters.">
        <button type="button" class="button" onClick={clearFilters}>
          Clear filters
        </button>
      </Empty>
    );
  }
  return <VirtualList />;
}

interface EmptyProps {
  title: string;
  text?: string;
  children?: ComponentChildren;
}

function Empty({ title, text, children }: EmptyProps): JSX.Element {
  return (
    <div class="list-empty">
      <span class="empty-mark">
        <Mark status={Status.kUnknown} size={24} />
      </span>
      <p class="empty-title" role="status">
        {title}
      </p>
      {text !== undefined && <p class="empty-text">{text}</p>}
      {children}
    </div>
  );
}

function SignInFirst(): JSX.Element {
  return (
    <Empty title="Sign in to see your trackers" text="Nothing is shown here without an account.">
      {loginOffered.value && (
        <button type="button" class="button" onClick={openLogin}>
          Sign in
        </button>
      )}
    </Empty>
  );
}

function LoadingRows(): JSX.Element {
  return (
    <div class="list-loading" role="status" aria-label="Loading trackers">
      {Array.from({ length: 9 }, (_, index) => (
        <div key={index} class="ghost">
          <i class="ghost-mark" />
          <i class="ghost-name" data-width={index % 3} />
          <i class="ghost-value" />
        </div>
      ))}
    </div>
  );
}

function VirtualList(): JSX.Element {
  const items = rows.value;
  const scroller = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [active, setActive] = useState<number | undefined>(undefined);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => () => holdList(false), []);

  const goTo = (index: number): void => {
    const target = Math.max(0, Math.min(items.length - 1, index));
    setActive(target);
    const element = scroller.current;
    if (element) {
      element.scrollTop = scrollToRow(target, element.scrollTop, element.clientHeight, kRowHeight);
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height / kRowHeight) - 1);
    const at = active ?? -1;
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: items.length - 1,
    };
    const target = steps[event.key];
    const tracker = active === undefined ? undefined : items[active];
    if (target !== undefined) goTo(target);
    else if ((event.key === 'Enter' || event.key === ' ') && tracker) select(tracker.id, true);
    else return;
    event.preventDefault();
  };

  const { first, end } = visibleRows(scrollTop, height, kRowHeight, items.length, kOverscan);
  return (
    <div
      ref={scroller}
      class="list"
      role="listbox"
      aria-label="Trackers"
      tabIndex={0}
      aria-activedescendant={active === undefined ? undefined : rowId(active)}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      onKeyDown={onKey}
      onFocus={() => active === undefined && setActive(0)}
      onPointerEnter={(event) => event.pointerType === 'mouse' && holdList(true)}
      onPointerLeave={() => holdList(false)}
    >
      <div class="list-space" style={{ height: `${items.length * kRowHeight}px` }}>
        {items.slice(first, end).map((tracker, offset) => (
          <Row
            key={tracker.slot}
            tracker={tracker}
            index={first + offset}
            count={items.length}
            selected={tracker.id === selectedId.value}
            active={first + offset === active}
          />
        ))}
      </div>
    </div>
  );
}
