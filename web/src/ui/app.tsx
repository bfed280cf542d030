import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { isDown } from '../model/live.js';
import { layout } from '../model/preferences.js';
import { clearSelection, selectedId } from '../model/selection.js';
import { selected } from '../model/trackers.js';
import { startMap } from '../map/start.js';
import { Account } from './account.js';
import { Badge } from './badge.js';
import { Details } from './details.js';
import { SidebarFoot, ThemeButton } from './foot.js';
import { Logo } from './icons.js';
import { List } from './list.js';
import { Login } from './login.js';
import { Credit, MapButtons, RatePill, ScaleBar } from './map-tools.js';
import { ClientMenu, SortMenu, UnitsMenu } from './menus.js';
import { MapProblem, Notices } from './notices.js';
import { Search } from './search.js';
import { Sheet } from './sheet.js';
import { Tiles } from './tiles.js';

/** The whole page. */
export function App(): JSX.Element {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      // Menus and the search field take their own Esc before it gets here.
      if (event.key === 'Escape' && selectedId.peek() !== undefined) clearSelection();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const isPhone = layout.value === 'phone';
  return (
    <div class="page" data-layout={layout.value} data-card={selected.value !== undefined}>
      {!isPhone && <Sidebar />}
      <MapArea isPhone={isPhone} />
      {isPhone && <PhoneChrome />}
      <Login />
    </div>
  );
}

function Sidebar(): JSX.Element {
  return (
    <section class="sidebar" aria-label="Trackers">
      <header class="brand">
        <Logo />
        <h1>Trackwire</h1>
        <Badge />
      </header>
      <Search />
      <Tiles />
      <div class="menus">
        <ClientMenu />
        <SortMenu />
      </div>
      <List />
      <SidebarFoot />
    </section>
  );
}

function MapArea({ isPhone }: { isPhone: boolean }): JSX.Element {
  const container = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (container.current) void startMap(container.current);
  }, []);
  return (
    <main class="map-area" data-down={isDown.value}>
      <div class="map" ref={container} />
      <MapProblem />
      {!isPhone && <RatePill />}
      <Notices />
      {!isPhone && <MapButtons />}
      <ScaleBar />
      <Credit />
      {!isPhone && <Details />}
    </main>
  );
}

function PhoneChrome(): JSX.Element {
  const isOpen = selected.value !== undefined;
  return (
    <>
      <header class="phone-bar">
        <h1 class="unseen">Trackwire</h1>
        <Search />
        <ThemeButton />
        <Account brief />
      </header>
      <div class="phone-badge">
        <Badge />
      </div>
      <Sheet>
        {isOpen ? (
          <Details />
        ) : (
          <>
            <Tiles />
            <div class="menus">
              <ClientMenu />
              <SortMenu />
              <UnitsMenu place="below-end" />
            </div>
            <List />
          </>
        )}
      </Sheet>
    </>
  );
}
