import { describe, expect, it } from 'vitest';

import { decodeSession, decodeTrackerList } from '../client/decode.js';
import { Status } from '../src/format/words.js';
import { History } from '../src/model/history.js';
import { type Filter, buildList, shownSpeed } from '../src/model/list.js';
import { RateMeter } from '../src/model/rate.js';
import { restingStop, stopHeight } from '../src/model/sheet.js';
import { TrackerStore } from '../src/model/tracker-store.js';
import { scrollToRow, visibleRows } from '../src/model/virtual.js';
import { menuKey } from '../src/ui/menu.js';

const kAll: Filter = { query: '', statuses: new Set(), clientId: undefined };

function time(seconds: number): string {
  return new Date(1_700_000_000_000 + seconds * 1_000).toISOString();
}

function location(id: string | number, seconds: number, latitude = 0) {
  return { tracker_id: id, latitude, longitude: 0, fix_time: time(seconds), speed: 5 };
}

function info(id: string | number, name: string, seconds: number) {
  return {
    id,
    name,
    category: 'cargo',
    connectivity: 'online' as const,
    connectivity_since: time(seconds),
    motion: 'moving' as const,
    motion_since: time(seconds),
    position: { latitude: 1, longitude: 2, fix_time: time(seconds), speed: 3 },
  };
}

describe('tracker store', () => {
  it('keeps the newest fix whichever way it came', () => {
    const store = new TrackerStore(() => undefined);
    store.applyList([info('a', 'Ada', 10)]);
    store.applyLocation(location('a', 5, 50));
    expect(store.get('a')?.fix?.latitude).toBe(1);
    store.applyLocation(location('a', 20, 51));
    expect(store.get('a')?.fix?.latitude).toBe(51);
    store.applyList([info('a', 'Ada', 15)]);
    expect(store.get('a')?.fix?.latitude).toBe(51);
  });

  it('keeps the newest status of each axis', () => {
    const store = new TrackerStore(() => undefined);
    store.applyList([info('a', 'Ada', 10)]);
    const change = { tracker_id: 'a', axis: 'motion' as const, status: 'stopped' };
    store.applyStatus({ ...change, since: time(5) });
    expect(store.get('a')?.status).toBe(Status.kMoving);
    store.applyStatus({ ...change, since: time(20) });
    expect(store.get('a')?.status).toBe(Status.kStopped);
    store.applyStatus({
      tracker_id: 'a',
      axis: 'connectivity',
      status: 'offline',
      since: time(12),
    });
    expect(store.get('a')?.status).toBe(Status.kOffline);
    store.applyList([info('a', 'Ada', 11)]);
    expect(store.get('a')?.status).toBe(Status.kOffline);
  });

  it('shows an unlisted tracker by its id until the list names it', () => {
    const store = new TrackerStore(() => undefined);
    expect(store.applyLocation(location(7, 1))).toBe(false);
    expect(store.get(7)?.name).toBe('7');
    expect(store.hasProvisional()).toBe(true);
    store.applyList([]);
    expect(store.get(7)?.name).toBe('7');
    store.applyList([info(7, 'Seven', 0)]);
    expect(store.get(7)?.name).toBe('Seven');
    expect(store.hasProvisional()).toBe(false);
  });

  it('lets the next list decide about trackers in doubt, unless they are heard again', () => {
    const store = new TrackerStore(() => undefined);
    for (const id of ['gone', 'heard', 'other']) store.applyLocation(location(id, 1));
    store.doubt(['gone', 'heard', 'never known']);
    store.applyLocation(location('heard', 2));
    store.applyList([]);
    expect([...store.all()].map((tracker) => tracker.id)).toEqual(['heard', 'other']);
    store.doubt(null);
    store.applyList([]);
    expect(store.size).toBe(0);
  });

  it('forgets at once what a visitor may no longer see', () => {
    let told = 0;
    const store = new TrackerStore(() => told++);
    store.applyList([
      { ...info('a', 'Ada', 1), client_id: 'x' },
      { ...info('b', 'Bea', 1), client_id: 'y' },
    ]);
    store.takeChanges();
    store.retain((tracker) => tracker.clientId === 'x');
    expect([...store.all()].map((tracker) => tracker.id)).toEqual(['a']);
    const changes = store.takeChanges();
    expect(changes.removed.map((tracker) => tracker.id)).toEqual(['b']);
    expect(changes.structural).toBe(true);
    expect(told).toBe(2);
  });

  it('tells the number 7 from the string', () => {
    const store = new TrackerStore(() => undefined);
    store.applyList([info(7, 'Number', 1), info('7', 'String', 1)]);
    expect(store.size).toBe(2);
    store.applyLocation(location('7', 9, 33));
    expect(store.get(7)?.fix?.latitude).toBe(1);
    expect(store.get('7')?.fix?.latitude).toBe(33);
  });

  it('drops what the list no longer names and uses the slot again', () => {
    const store = new TrackerStore(() => undefined);
    store.applyList([info('a', 'Ada', 1), info('b', 'Bo', 1)]);
    store.takeChanges();
    store.applyList([info('b', 'Bo', 1)]);
    expect(store.takeChanges().removed.map((tracker) => tracker.id)).toEqual(['a']);
    store.applyList([info('b', 'Bo', 1), info('c', 'Cy', 1)]);
    expect(store.slots).toBe(2);
  });

  it('asks for one flush, and glides only from an earlier fix', () => {
    let asked = 0;
    const store = new TrackerStore(() => asked++);
    store.applyList([info('a', 'Ada', 1)]);
    store.takeChanges();
    asked = 0;
    store.applyLocation(location('a', 2));
    store.applyLocation(location('a', 3));
    store.applyLocation(location('new', 3));
    expect(asked).toBe(1);
    const changes = store.takeChanges();
    expect([...changes.moved].map((tracker) => tracker.id)).toEqual(['a']);
    expect(changes.structural).toBe(true);
  });
});

describe('list', () => {
  function filled(): TrackerStore {
    const store = new TrackerStore(() => undefined);
    store.applyList([
      { ...info(1, 'Zeta', 30), client_id: 'x', call_sign: 'WDH4086' },
      { ...info(2, 'Ångström', 10), client_id: 'y', motion: 'stopped' },
      {
        ...info(3, 'beta', 20),
        client_id: 'x',
        position: { ...info(3, '', 20).position, speed: 9 },
      },
      { id: 4, name: 'Mute', category: 'tag', connectivity: 'unknown', motion: 'unknown' },
    ]);
    return store;
  }
  const names = (filter: Filter, order: Parameters<typeof buildList>[2]): string[] =>
    buildList(filled().all(), filter, order).items.map((tracker) => tracker.name);

  it('sorts in each order, by name where equal', () => {
    expect(names(kAll, 'moving')).toEqual(['beta', 'Zeta', 'Ångström', 'Mute']);
    expect(names(kAll, 'name')).toEqual(['Ångström', 'beta', 'Mute', 'Zeta']);
    expect(names(kAll, 'fix')).toEqual(['Zeta', 'beta', 'Ångström', 'Mute']);
    expect(names(kAll, 'speed')).toEqual(['beta', 'Zeta', 'Ångström', 'Mute']);
  });

  it('searches name, call sign and id without accents or case', () => {
    expect(names({ ...kAll, query: 'angs' }, 'name')).toEqual(['Ångström']);
    expect(names({ ...kAll, query: 'wdh' }, 'name')).toEqual(['Zeta']);
    expect(names({ ...kAll, query: '3' }, 'name')).toEqual(['beta']);
    expect(names({ ...kAll, query: 'zeta 1' }, 'name')).toEqual(['Zeta']);
  });

  it('counts statuses within the client, clients within the statuses', () => {
    const result = buildList(
      filled().all(),
      { query: '', statuses: new Set([Status.kMoving]), clientId: 'y' },
      'name',
    );
    expect(result.items).toEqual([]);
    expect(result.counts[Status.kStopped]).toBe(1);
    expect(result.counts[Status.kMoving]).toBe(0);
    expect(result.clientCounts.get('x')).toBe(2);
    expect(result.clientTotal).toBe(2);
  });

  it('counts and finds what belongs to no client', () => {
    const { items, clientCounts } = buildList(filled().all(), { ...kAll, clientId: null }, 'name');
    expect(items.map((tracker) => tracker.name)).toEqual(['Mute']);
    expect(clientCounts.get(null)).toBe(1);
  });

  it('shows the speed of moving trackers only', () => {
    const store = filled();
    const speed = (id: number) => {
      const tracker = store.get(id);
      return tracker ? shownSpeed(tracker) : undefined;
    };
    expect(speed(1)).toBe(3);
    expect(speed(2)).toBeUndefined();
  });

  it('sorts a hundred thousand completely', () => {
    const store = new TrackerStore(() => undefined);
    store.applyList(Array.from({ length: 100_000 }, (_, index) => info(index, `T${index}`, index)));
    const { items } = buildList(store.all(), kAll, 'fix');
    expect(items.length).toBe(100_000);
    expect(items.every((tracker, index) => tracker.id === 99_999 - index)).toBe(true);
  });
});

describe('virtual list', () => {
  it('keeps only what is in sight, and a little more', () => {
    expect(visibleRows(0, 600, 60, 100_000, 4)).toEqual({ first: 0, end: 14 });
    expect(visibleRows(6_000, 600, 60, 100_000, 4)).toEqual({ first: 96, end: 114 });
    expect(visibleRows(0, 600, 60, 3, 4)).toEqual({ first: 0, end: 3 });
  });

  it('has nothing to show of a list that got shorter', () => {
    expect(visibleRows(60_000, 600, 60, 5, 4)).toEqual({ first: 5, end: 5 });
  });

  it('scrolls no further than needed', () => {
    expect(scrollToRow(2, 0, 600, 60)).toBe(0);
    expect(scrollToRow(10, 0, 600, 60)).toBe(60);
    expect(scrollToRow(1, 300, 600, 60)).toBe(60);
  });
});

describe('history', () => {
  const sample = (seconds: number) => ({
    timeMs: seconds,
    latitude: seconds,
    longitude: 0,
    speedMps: 1,
  });

  it('gives the samples of one slot, oldest first', () => {
    const history = new History();
    for (let at = 0; at < 10; at++) history.add(at % 2, sample(at));
    expect(history.of(1, 3).map((entry) => entry.timeMs)).toEqual([5, 7, 9]);
    expect(history.of(0, 99, 4).map((entry) => entry.timeMs)).toEqual([4, 6, 8]);
    expect(history.latestTime(1)).toBe(9);
    history.drop(1);
    expect(history.of(1, 3)).toEqual([]);
  });

  it('forgets the oldest when it is full, and mixes nothing up', () => {
    const history = new History(4_096);
    history.add(7, sample(-1));
    for (let at = 0; at < 10_000; at++) history.add(at % 3, sample(at));
    expect(history.of(7, 10)).toEqual([]);
    expect(history.latestTime(7)).toBe(-Infinity);
    const kept = history.of(0, 100_000);
    expect(kept.every((entry) => entry.timeMs % 3 === 0)).toBe(true);
    expect(kept.length).toBeGreaterThan(1_300);
    expect(kept[kept.length - 1]?.timeMs).toBe(9_999);
  });

  it('grows without losing anything', () => {
    const history = new History();
    for (let at = 0; at < 20_000; at++) history.add(1, sample(at));
    expect(history.of(1, 100_000).length).toBe(20_000);
  });
});

describe('rate', () => {
  it('is the mean of the last seconds', () => {
    const rate = new RateMeter();
    expect(rate.rate()).toBe(0);
    for (const count of [10, 20, 30]) {
      for (let event = 0; event < count; event++) rate.count();
      rate.tick();
    }
    expect(rate.rate()).toBe(20);
    expect(rate.history()).toEqual([10, 20, 30]);
  });
});

describe('sheet', () => {
  it('rests at the nearest stop', () => {
    expect(stopHeight('half', 800)).toBe(448);
    expect(stopHeight('full', 800)).toBe(716);
    expect(restingStop(200, 0, 800)).toBe('low');
    expect(restingStop(420, 0, 800)).toBe('half');
    expect(restingStop(650, 0, 800)).toBe('full');
  });

  it('goes on with a fling', () => {
    expect(restingStop(200, 1, 800)).toBe('half');
    expect(restingStop(440, -1, 800)).toBe('low');
    expect(restingStop(716, 1, 800)).toBe('full');
  });
});

describe('menu keys', () => {
  const labels = ['All clients', 'Bay Ferries', 'Bright', 'Cargo'];

  it('move, jump and find by letter', () => {
    expect(menuKey('ArrowDown', 3, labels)).toBe(3);
    expect(menuKey('ArrowUp', 0, labels)).toBe(0);
    expect(menuKey('End', 0, labels)).toBe(3);
    expect(menuKey('b', 0, labels)).toBe(1);
    expect(menuKey('b', 1, labels)).toBe(2);
    expect(menuKey('b', 2, labels)).toBe(1);
    expect(menuKey('z', 0, labels)).toBeUndefined();
    expect(menuKey('Shift', 0, labels)).toBeUndefined();
  });
});

describe('decoding', () => {
  it('leaves out entries that cannot be used', () => {
    const list = decodeTrackerList({
      offset: '1-0',
      clients: [{ id: 1, name: 'Harbour Line' }, { name: 'no id' }, 5],
      trackers: [
        { id: 1, name: 'A', position: { latitude: 95, longitude: 0, fix_time: time(0) } },
        { id: null, name: 'B' },
        { id: 'c', status: { connectivity: 'sideways', motion: 'moving' } },
        'text',
      ],
    });
    expect(list?.clients).toEqual([{ id: 1, name: 'Harbour Line' }]);
    expect(list?.trackers.map((tracker) => tracker.name)).toEqual(['A', 'c']);
    expect(list?.trackers[0]?.position).toBeUndefined();
    expect(list?.trackers[1]?.connectivity).toBe('unknown');
    expect(decodeTrackerList({ trackers: 'none' })).toBeNull();
    expect(decodeTrackerList(null)).toBeNull();
  });

  it('takes an unusable session for an anonymous one', () => {
    expect(decodeSession('?').user).toBeNull();
    expect(decodeSession({ user: null, recovered: true, replayed: 3 })).toMatchObject({
      user: null,
      recovered: true,
      replayed: 3,
    });
    expect(decodeSession({ user: { id: 4, name: 'Ada' }, roles: ['admin', 5] })).toMatchObject({
      user: { id: '4', name: 'Ada' },
      roles: ['admin'],
    });
  });
});
