import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { decodeSession } from '../client/decode.js';
import { clientFilter } from '../src/model/filters.js';
import { select, selectedId } from '../src/model/selection.js';
import { loadList, loading, refuseList, startOver, takeChange } from '../src/model/snapshot.js';
import { session } from '../src/model/session.js';
import { clientNames, store } from '../src/model/trackers.js';

interface Ask {
  init: RequestInit;
  answer(list: object): void;
  fail(status: number): void;
}

let asks: Ask[] = [];

function list(...ids: string[]): object {
  return {
    clients: ids.map((id) => ({ id: `client of ${id}`, name: id })),
    trackers: ids.map((id) => ({ id, name: id, client_id: `client of ${id}` })),
  };
}

const shown = () => [...store.all()].map((tracker) => tracker.id);
/** Lets everything that only waits for promises happen. */
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  asks = [];
  vi.stubGlobal('requestAnimationFrame', () => 0);
  vi.stubGlobal(
    'fetch',
    (_url: string, init: RequestInit) =>
      new Promise<Response>((resolve) => {
        // Deaf to `init.signal`, as an answer is that has already arrived.
        asks.push({
          init,
          answer: (body) => resolve(new Response(JSON.stringify(body))),
          fail: (status) => resolve(new Response('', { status })),
        });
      }),
  );
  startOver(() => false);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the tracker list', () => {
  it('for an earlier identity is ignored, however late it comes', async () => {
    const earlier = loadList();
    startOver(() => false);
    const later = loadList();
    asks[1]?.answer(list('mine'));
    expect(await later).toBe(true);
    asks[0]?.answer(list('not mine'));
    expect(await earlier).toBe(false);
    expect(shown()).toEqual(['mine']);
    expect([...clientNames.value.keys()]).toEqual(['client of mine']);
  });

  it('also when nobody asked again yet', async () => {
    const earlier = loadList();
    startOver(() => false);
    asks[0]?.answer(list('not mine'));
    expect(await earlier).toBe(false);
    expect(shown()).toEqual([]);
    expect(loading.value).toBe('loading');
  });

  it('takes selection and filter along with what is gone', async () => {
    void loadList();
    asks[0]?.answer(list('a', 'b'));
    await settled();
    select('b', false);
    clientFilter.value = 'client of b';
    void loadList();
    asks[1]?.answer(list('a'));
    await settled();
    expect(selectedId.value).toBeUndefined();
    expect(clientFilter.value).toBeUndefined();
  });

  it('keeps what stays visible while the next one is on its way', async () => {
    void loadList();
    asks[0]?.answer(list('a', 'b'));
    await settled();
    startOver((client) => client === 'client of a');
    expect(shown()).toEqual(['a']);
    expect([...clientNames.value.values()]).toEqual(['a']);
    expect(loading.value).toBe('ready');
  });

  it('follows changes, at most once a second and never ending one under way', async () => {
    void loadList();
    takeChange(['a']);
    takeChange(null);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asks.length).toBe(1);
    asks[0]?.answer(list('a'));
    await settled();
    await vi.advanceTimersByTimeAsync(0);
    expect(asks.length).toBe(2);
    asks[1]?.answer(list('b'));
    await settled();
    expect(shown()).toEqual(['b']);
    for (let times = 0; times < 5; times++) takeChange(['b']);
    await vi.advanceTimersByTimeAsync(999);
    expect(asks.length).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(asks.length).toBe(3);
    asks[2]?.answer(list('b'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asks.length).toBe(3);
  });

  it('is refused to those who have to sign in, and then nothing is shown', async () => {
    void loadList();
    asks[0]?.answer(list('a'));
    await settled();
    void loadList();
    asks[1]?.fail(401);
    await settled();
    expect(loading.value).toBe('refused');
    expect(shown()).toEqual([]);
  });

  it('is asked for as nobody once the connection is nobody, cookie or not', () => {
    void loadList();
    session.value = decodeSession({ user: 'ada', roles: ['user'] });
    void loadList();
    session.value = decodeSession({ user: null });
    void loadList();
    session.value = undefined;
    const credentials = asks.map(({ init }) => init.credentials);
    expect(credentials).toEqual(['include', 'include', 'omit']);
  });

  it('that fails leaves what is shown and is tried again', async () => {
    void loadList();
    asks[0]?.answer(list('a'));
    await settled();
    void loadList();
    asks[1]?.fail(503);
    await settled();
    expect([loading.value, shown()]).toEqual(['ready', ['a']]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asks.length).toBe(3);
    refuseList();
    asks[2]?.answer(list('a'));
    await settled();
    expect([loading.value, shown()]).toEqual(['refused', []]);
  });
});
