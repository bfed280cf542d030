import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Address, TrackwireError } from '../client/index.js';
import {
  type AddressPhase,
  addressLines,
  askingWord,
  canTryAgain,
  comingWord,
  languageTag,
  problemWord,
} from '../src/format/address.js';
import { AddressLookup } from '../src/model/address-lookup.js';
import { type Point, distanceM } from '../src/model/distance.js';

interface Question {
  requestId: string;
  point: Point;
  take(): void;
  refuse(code: string, retryAfter?: number): void;
}

const kHere = { latitude: 50, longitude: 14 };

let questions: Question[];
let isConnected: boolean;
let shown: { tracker: string | number | undefined; phase: AddressPhase };
let lookup: AddressLookup;

/** Lets time pass, and what only waits for promises happen. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function errorOf(code: string, retryAfter?: number): TrackwireError {
  const wait = retryAfter === undefined ? {} : { retryAfter };
  return new TrackwireError({ code, message: code, ...wait });
}

function newLookup(): AddressLookup {
  return new AddressLookup(
    {
      isConnected: () => isConnected,
      ask: (requestId, point) =>
        new Promise<void>((take, reject) => {
          const refuse = (code: string, wait?: number): void => reject(errorOf(code, wait));
          if (isConnected) questions.push({ requestId, point, take, refuse });
          else refuse('not_connected');
        }),
    },
    (tracker, phase) => (shown = { tracker, phase }),
  );
}

/** So many metres to the north of where it was first. */
function spot(metres = 0, tracker: string | number = 'a') {
  return { tracker, latitude: kHere.latitude + metres / 111_195, longitude: kHere.longitude };
}

const last = (): Question => questions.at(-1) ?? fail('nothing was asked');
function fail(reason: string): never {
  throw new Error(reason);
}

function answer(name: string, provisional = false, question = last()): void {
  lookup.takeResult({
    request_id: question.requestId,
    ...question.point,
    address: { display_name: name },
    cached: false,
    provider: 'test',
    provisional,
  });
}

function queued(position: number, question = last()): void {
  const { requestId, point } = question;
  lookup.takeQueued({ request_id: requestId, ...point, queue_position: position });
}

function refused(code: string, retryAfter?: number, question = last()): void {
  const wait = retryAfter === undefined ? {} : { retry_after: retryAfter };
  const { requestId, point } = question;
  lookup.takeError({ request_id: requestId, ...point, code, message: code, ...wait });
}

const known = (name: string, more: object = {}) => ({
  kind: 'known',
  address: { display_name: name },
  ...more,
});

beforeEach(() => {
  vi.useFakeTimers();
  questions = [];
  isConnected = true;
  shown = { tracker: undefined, phase: { kind: 'hidden' } };
  lookup = newLookup();
});
afterEach(() => vi.useRealTimers());

describe('the address of a selected tracker', () => {
  it('is asked for at once, and shown when it comes', async () => {
    lookup.show(spot());
    expect(shown).toEqual({ tracker: 'a', phase: { kind: 'asking' } });
    expect(questions.length).toBe(1);
    expect(last().point).toEqual(kHere);
    last().take();
    await pass(0);
    answer('Prague');
    expect(shown).toEqual({ tracker: 'a', phase: known('Prague') });
    await pass(3_600_000);
    expect(questions.length).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says its place in the line', () => {
    lookup.show(spot());
    queued(3);
    expect(shown.phase).toEqual({ kind: 'asking', position: 3 });
    queued(1);
    expect(shown.phase).toEqual({ kind: 'asking', position: 1 });
    answer('Prague');
    expect(shown.phase).toEqual(known('Prague'));
  });

  it('is a provisional one until the final one comes', () => {
    lookup.show(spot());
    answer('near Prague', true);
    expect(shown.phase).toEqual(known('near Prague', { coming: {} }));
    queued(2);
    expect(shown.phase).toEqual(known('near Prague', { coming: { position: 2 } }));
    answer('1, Main Street, Prague');
    expect(shown.phase).toEqual(known('1, Main Street, Prague'));
  });

  it('is not asked for without a position, nor when nothing is selected', () => {
    lookup.show(undefined);
    expect(shown).toEqual({ tracker: undefined, phase: { kind: 'hidden' } });
    lookup.show(spot());
    lookup.show(undefined);
    expect(shown).toEqual({ tracker: undefined, phase: { kind: 'hidden' } });
    expect(questions.length).toBe(1);
    answer('Prague');
    expect(shown.phase).toEqual({ kind: 'hidden' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes no answer for another tracker or an earlier question', () => {
    lookup.show(spot());
    const first = last();
    lookup.show(spot(0, 'b'));
    answer('late', false, first);
    queued(4, first);
    refused('not_found', undefined, first);
    expect(shown).toEqual({ tracker: 'b', phase: { kind: 'asking' } });
    lookup.show(spot());
    answer('late', false, first);
    expect(shown).toEqual({ tracker: 'a', phase: { kind: 'asking' } });
    expect(new Set(questions.map(({ requestId }) => requestId)).size).toBe(3);
  });

  it('tells 7 and "7" apart', () => {
    lookup.show(spot(0, 7));
    answer('seven');
    lookup.show(spot(0, '7'));
    expect(shown.phase).toEqual({ kind: 'asking' });
    expect(questions.length).toBe(2);
  });
});

describe('a tracker that moves', () => {
  it('is asked about again after 100 m, not before', async () => {
    lookup.show(spot());
    answer('first');
    await pass(20_000);
    lookup.show(spot(95));
    await pass(60_000);
    expect(questions.length).toBe(1);
    lookup.show(spot(105));
    expect(questions.length).toBe(2);
    // What was right a moment ago stays until the answer is there, and nothing moves.
    expect(shown.phase).toEqual(known('first'));
    answer('second');
    expect(shown.phase).toEqual(known('second'));
  });

  it('is asked about once in ten seconds at most, then where it is by then', async () => {
    lookup.show(spot());
    answer('first');
    for (let second = 1; second <= 60; second++) {
      await pass(1_000);
      lookup.show(spot(second * 250));
      if (questions.length > 1) answer(`after ${second} s`);
    }
    expect(questions.length).toBe(7);
    expect(distanceM(kHere, questions[1]?.point ?? kHere)).toBeCloseTo(10 * 250, -3);
  });

  it('is not asked about while an answer is on its way, unless it went far', async () => {
    lookup.show(spot());
    queued(5);
    await pass(15_000);
    lookup.show(spot(900));
    expect(questions.length).toBe(1);
    lookup.show(spot(1_100));
    expect(questions.length).toBe(2);
    answer('old', false, questions[0]);
    expect(shown.phase).toEqual({ kind: 'asking' });
    answer('new');
    expect(shown.phase).toEqual(known('new'));
  });

  it('is asked about after an answer that is one of another place by then', async () => {
    lookup.show(spot());
    await pass(11_000);
    lookup.show(spot(300));
    expect(questions.length).toBe(1);
    answer('where it was');
    expect(questions.length).toBe(2);
    expect(shown.phase).toEqual(known('where it was'));
  });

  it('keeps no address of somewhere else', async () => {
    lookup.show(spot());
    answer('first');
    await pass(10_000);
    lookup.show(spot(6_000));
    expect(shown.phase).toEqual({ kind: 'asking' });
    answer('second');
    await pass(10_000);
    lookup.show(spot(6_200));
    refused('provider_unavailable');
    const problem = { code: 'provider_unavailable' };
    expect(shown.phase).toEqual({ kind: 'failed', problem });
  });

  it('asks less often after a failure, and as late as the server wants', async () => {
    lookup.show(spot());
    refused('provider_unavailable');
    await pass(20_000);
    lookup.show(spot(500));
    expect(questions.length).toBe(1);
    await pass(10_000);
    expect(questions.length).toBe(2);
    refused('queue_full', 90);
    lookup.show(spot(1_000));
    await pass(89_000);
    expect(questions.length).toBe(2);
    await pass(1_000);
    expect(questions.length).toBe(3);
  });
});

describe('a question that fails', () => {
  it.each(['provider_unavailable', 'queue_full', 'invalid_request'])('says %s', (code) => {
    lookup.show(spot());
    refused(code);
    expect(shown.phase).toEqual({ kind: 'failed', problem: { code } });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('can be tried again', () => {
    lookup.show(spot());
    refused('provider_unavailable');
    lookup.tryAgain();
    expect(shown.phase).toEqual({ kind: 'asking' });
    expect(questions.length).toBe(2);
    lookup.tryAgain();
    expect(questions.length).toBe(2);
    answer('Prague');
    expect(shown.phase).toEqual(known('Prague'));
  });

  it('is told apart from a place where nothing is', () => {
    lookup.show(spot());
    refused('not_found');
    expect(shown.phase).toEqual({ kind: 'nothing' });
  });

  it('keeps the provisional address', () => {
    lookup.show(spot());
    answer('near Prague', true);
    refused('provider_unavailable');
    const problem = { code: 'provider_unavailable' };
    expect(shown.phase).toEqual(known('near Prague', { problem }));
    lookup.tryAgain();
    expect(shown.phase).toEqual(known('near Prague', { coming: {} }));
    refused('provider_unavailable');
    expect(shown.phase).toEqual(known('near Prague', { problem }));
    lookup.tryAgain();
    answer('near Prague', true);
    refused('not_found');
    expect(shown.phase).toEqual(known('near Prague'));
  });

  it('is refused once, whether an answer or an event says so', async () => {
    lookup.show(spot());
    last().refuse('queue_full', 7);
    await pass(0);
    refused('queue_full', 7);
    const problem = { code: 'queue_full', retryAfter: 7 };
    expect(shown.phase).toEqual({ kind: 'failed', problem });
  });

  it('waits out a short pause without a word', async () => {
    lookup.show(spot());
    const first = last();
    refused('rate_limited', 2);
    first.refuse('rate_limited', 2);
    await pass(1_999);
    expect(shown.phase).toEqual({ kind: 'asking' });
    expect(questions.length).toBe(1);
    await pass(1);
    expect(questions.length).toBe(2);
    for (let pause = 0; pause < 2; pause++) {
      refused('rate_limited', 1);
      await pass(1_000);
    }
    expect(questions.length).toBe(4);
    refused('rate_limited', 1);
    const problem = { code: 'rate_limited', retryAfter: 1 };
    expect(shown.phase).toEqual({ kind: 'failed', problem });
  });

  it('holds back the questions about other trackers when the server wants a pause', async () => {
    lookup.show(spot());
    refused('rate_limited', 60);
    expect(shown.phase).toMatchObject({ kind: 'failed', problem: { retryAfter: 60 } });
    await pass(10_000);
    lookup.show(spot(0, 'b'));
    expect(shown).toEqual({
      tracker: 'b',
      phase: { kind: 'failed', problem: { code: 'rate_limited', retryAfter: 50 } },
    });
    await pass(49_999);
    expect(questions.length).toBe(1);
    await pass(1);
    expect(questions.length).toBe(2);
    answer('Prague');
    expect(shown).toEqual({ tracker: 'b', phase: known('Prague') });
  });

  it('ends when nothing comes, later for who stands in a line', async () => {
    lookup.show(spot());
    last().take();
    await pass(19_999);
    expect(shown.phase).toEqual({ kind: 'asking' });
    await pass(1);
    expect(shown.phase).toEqual({ kind: 'failed', problem: { code: 'no_answer' } });
    lookup.tryAgain();
    queued(10);
    await pass(109_999);
    expect(shown.phase).toEqual({ kind: 'asking', position: 10 });
    await pass(1);
    expect(shown.phase).toMatchObject({ kind: 'failed' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a server without addresses', () => {
  it.each(['unknown_event', 'timeout'])('is found out by %s, and not asked again', async (code) => {
    lookup.show(spot());
    last().refuse(code);
    await pass(0);
    expect(shown.phase).toEqual({ kind: 'hidden' });
    lookup.show(spot(0, 'b'));
    expect(shown.phase).toEqual({ kind: 'hidden' });
    lookup.show(spot(5_000, 'b'));
    await pass(60_000);
    expect(questions.length).toBe(1);
    // After an interruption it may be another one.
    lookup.resume(false);
    expect(questions.length).toBe(2);
    expect(shown.phase).toEqual({ kind: 'asking' });
  });

  it('is none that has answered before', async () => {
    lookup.show(spot());
    answer('Prague');
    lookup.show(spot(0, 'b'));
    last().refuse('timeout');
    await pass(0);
    expect(shown.phase).toEqual({ kind: 'failed', problem: { code: 'timeout' } });
  });

  it('is none that only forgot to say that it takes the question', async () => {
    lookup.show(spot());
    queued(1);
    last().refuse('timeout');
    await pass(0);
    expect(shown.phase).toEqual({ kind: 'asking', position: 1 });
  });
});

describe('an interruption', () => {
  async function cut(): Promise<void> {
    isConnected = false;
    last().refuse('not_connected');
    await pass(0);
  }

  it('is waited out by what the server has taken, if the connection is resumed', async () => {
    lookup.show(spot());
    queued(2);
    isConnected = false;
    await pass(30_000);
    isConnected = true;
    lookup.resume(true);
    expect(questions.length).toBe(1);
    answer('Prague');
    expect(shown.phase).toEqual(known('Prague'));
  });

  it('makes the question be asked again otherwise', async () => {
    lookup.show(spot());
    queued(2);
    const first = last();
    isConnected = false;
    await pass(3_600_000);
    expect(shown.phase).toEqual({ kind: 'asking', position: 2 });
    isConnected = true;
    lookup.resume(false);
    expect(questions.length).toBe(2);
    answer('late', false, first);
    expect(shown.phase).toEqual({ kind: 'asking' });
    answer('Prague');
    expect(shown.phase).toEqual(known('Prague'));
  });

  it('makes it be asked again too when nobody knows whether it arrived', async () => {
    lookup.show(spot());
    await cut();
    expect(shown.phase).toEqual({ kind: 'asking' });
    isConnected = true;
    lookup.resume(true);
    expect(questions.length).toBe(2);
  });

  it('ends a pause that the server asked for', async () => {
    lookup.show(spot());
    refused('rate_limited', 5);
    await pass(1_000);
    lookup.resume(true);
    expect(questions.length).toBe(2);
    await pass(10_000);
    expect(questions.length).toBe(2);
    answer('Prague');
    expect(shown.phase).toEqual(known('Prague'));
  });

  it('lets a tracker that is selected meanwhile wait', async () => {
    isConnected = false;
    lookup.show(spot());
    lookup.show(spot(200));
    await pass(60_000);
    expect(shown.phase).toEqual({ kind: 'asking' });
    expect(questions.length).toBe(0);
    isConnected = true;
    lookup.resume(false);
    expect(questions.length).toBe(1);
    expect(distanceM(kHere, last().point)).toBeCloseTo(200, 0);
  });

  it('changes nothing about a final address', async () => {
    lookup.show(spot());
    answer('Prague');
    lookup.resume(false);
    expect(questions.length).toBe(1);
    expect(shown.phase).toEqual(known('Prague'));
  });
});

it('forgets what is known when somebody else looks at the page', () => {
  lookup.show(spot());
  answer('near Prague', true);
  const first = last();
  lookup.forget();
  expect(shown.phase).toEqual({ kind: 'asking' });
  answer('1, Main Street', false, first);
  expect(shown.phase).toEqual({ kind: 'asking' });
  lookup.resume(false);
  expect(questions.length).toBe(2);
  answer('Prague');
  expect(shown.phase).toEqual(known('Prague'));
});

describe('distances', () => {
  it.each([
    [kHere, kHere, 0],
    [{ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 1 }, 111_195],
    [{ latitude: 60, longitude: 10 }, { latitude: 60, longitude: 11 }, 55_597],
    [{ latitude: 0, longitude: 179.999 }, { latitude: 0, longitude: -179.999 }, 222],
    [{ latitude: 90, longitude: 0 }, { latitude: 90, longitude: 120 }, 0],
    [{ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 180 }, 20_015_087],
  ])('from %o to %o', (a, b, metres) => {
    expect(Math.abs(distanceM(a, b) - metres)).toBeLessThan(Math.max(1, metres * 1e-4));
  });
});

describe('the words', () => {
  it('say the place in the line', () => {
    expect(askingWord()).toBe('Looking up the address');
    expect(askingWord(1)).toBe('Looking up the address, next in line');
    expect(askingWord(3)).toBe('Looking up the address, number 3 in line');
    expect(askingWord(1_234)).toBe('Looking up the address, number 1,234 in line');
    expect(comingWord()).toBe('Looking closer');
    expect(comingWord(2)).toBe('Looking closer, number 2 in line');
  });

  it.each([
    ['provider_unavailable', undefined, 'The address service does not answer'],
    ['no_answer', undefined, 'The address service does not answer'],
    ['queue_full', 30, 'The address service is busy'],
    ['rate_limited', undefined, 'Too many lookups. Try again in a minute.'],
    ['rate_limited', 60, 'Too many lookups. Try again in a minute.'],
    ['rate_limited', 12.2, 'Too many lookups. Try again in 13 s.'],
    ['rate_limited', 600, 'Too many lookups. Try again in 10 min.'],
    ['invalid_request', undefined, 'This position cannot be looked up'],
    ['toString', undefined, 'The address service does not answer'],
  ])('say %s (%s)', (code, retryAfter, words) => {
    expect(problemWord({ code, ...(retryAfter === undefined ? {} : { retryAfter }) })).toBe(words);
  });

  it('offer to try again what may go well then', () => {
    expect(canTryAgain({ code: 'queue_full' })).toBe(true);
    expect(canTryAgain({ code: 'invalid_request' })).toBe(false);
  });

  const house: Address = {
    display_name:
      '10, Downing Street, Westminster, Millbank, London, Greater London, England, SW1A 2AA, ' +
      'United Kingdom',
    house_number: '10',
    road: 'Downing Street',
    city: 'London',
    state: 'England',
    postcode: 'SW1A 2AA',
    country: 'United Kingdom',
    country_code: 'GB',
  };

  it.each<[Address, string, string]>([
    [
      { display_name: '4 km NE of Pisek, Jihocesky, Czechia', country: 'Czechia' },
      '4 km NE of Pisek',
      'Jihocesky, Czechia',
    ],
    [{ display_name: 'Antarctica' }, 'Antarctica', ''],
    [{ display_name: '12b, Quay, Cork', city: 'Cork' }, '12b, Quay', 'Cork'],
    [house, '10, Downing Street', 'London, England, SW1A 2AA, United Kingdom'],
    [
      { ...house, display_name: `London, ${'Somewhere, '.repeat(6)}England` },
      'London',
      'England, SW1A 2AA, United Kingdom',
    ],
  ])('set %o in two lines', (address, lead, rest) => {
    expect(addressLines(address)).toEqual({ lead, rest });
  });
});

describe('the language to ask for', () => {
  it('is the one of the browser', () => {
    for (const tag of ['en', 'pt-BR', 'zh-Hant-TW', 'de-CH-1996']) {
      expect(languageTag(tag)).toBe(tag);
    }
  });

  it('is none where the server would refuse it', () => {
    const tooLong = `en${'-abcdefgh'.repeat(4)}`;
    for (const tag of ['', 'C', 'x-klingon', 'en_US', 'en-', '-en', 'en-abcdefghi', tooLong]) {
      expect(languageTag(tag), tag).toBeUndefined();
    }
    expect(languageTag(undefined)).toBeUndefined();
  });
});
