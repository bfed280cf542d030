import { describe, expect, it } from 'vitest';

import { backWord, linkWord, lostWord } from '../src/format/link.js';
import {
  compassPoint,
  formatAccuracy,
  formatPosition,
  plainPosition,
  wholeDegrees,
} from '../src/format/position.js';
import { chartPoints, linePath } from '../src/format/sparkline.js';
import {
  ageParts,
  formatAge,
  formatClock,
  formatLocalTime,
  formatSpan,
} from '../src/format/time.js';
import { formatSpeed, scaleBar } from '../src/format/units.js';
import { Status, foldStatus, initials, kindWord, roleWord } from '../src/format/words.js';

describe('speed', () => {
  it('is shown in the chosen unit with one decimal', () => {
    expect(formatSpeed(10, 'knots')).toEqual({ value: '19.4', unit: 'kn' });
    expect(formatSpeed(10, 'kmh')).toEqual({ value: '36.0', unit: 'km/h' });
    expect(formatSpeed(10, 'mph')).toEqual({ value: '22.4', unit: 'mph' });
  });
});

describe('age', () => {
  it('takes its largest sensible unit', () => {
    expect(formatAge(0, 12_999)).toBe('12 s ago');
    expect(formatAge(0, 59_999)).toBe('59 s ago');
    expect(formatAge(0, 60_000)).toBe('1 min ago');
    expect(formatAge(0, 3_599_999)).toBe('59 min ago');
    expect(formatAge(0, 7_200_000)).toBe('2 h ago');
    expect(formatAge(0, 50 * 3_600_000)).toBe('2 d ago');
  });

  it('is never negative and says when there is none', () => {
    expect(ageParts(-5_000)).toEqual({ value: '0', unit: 's' });
    expect(formatAge(undefined, 0)).toBe('never heard');
  });

  it('has a short form for captions', () => {
    expect(formatSpan(12 * 60_000 + 3_000)).toBe('12 min');
  });
});

describe('local time', () => {
  it('carries the date only when it is not today', () => {
    const noon = new Date(2026, 10, 23, 12, 5, 9).getTime();
    expect(formatClock(noon)).toBe('12:05:09');
    expect(formatLocalTime(noon, noon + 60_000)).toBe('12:05:09');
    expect(formatLocalTime(noon, noon + 86_400_000)).toBe('2026-11-23 12:05:09');
  });
});

describe('position', () => {
  it('names the hemispheres', () => {
    expect(formatPosition(37.80812, -122.4419)).toBe('37.80812° N, 122.44190° W');
    expect(formatPosition(-0.5, 179.99999)).toBe('0.50000° S, 179.99999° E');
    expect(plainPosition(-0.5, 10)).toBe('-0.50000, 10.00000');
  });

  it('has courses from 0 to 359 in eight directions', () => {
    expect(wholeDegrees(359.7)).toBe(0);
    expect(wholeDegrees(-1)).toBe(359);
    expect(compassPoint(228)).toBe('SW');
    expect(compassPoint(274)).toBe('W');
    expect(compassPoint(350)).toBe('N');
  });

  it('gives the accuracy in metres or kilometres', () => {
    expect(formatAccuracy(8.2)).toBe('± 8 m');
    expect(formatAccuracy(0.2)).toBe('± 1 m');
    expect(formatAccuracy(1_240)).toBe('± 1.2 km');
  });
});

describe('scale bar', () => {
  it('has a round length that fits, in near or far units', () => {
    const far = scaleBar(1852 * 0.06, 110, 'knots');
    expect(far.text).toBe('5 nm');
    expect(far.widthPx).toBeCloseTo(5 / 0.06, 6);
    expect(scaleBar(1, 110, 'kmh').text).toBe('100 m');
    expect(scaleBar(0.3048, 110, 'mph').text).toBe('100 ft');
    expect(scaleBar(20_000, 110, 'knots').text).toBe('1,000 nm');
  });

  it('never exceeds the room it has', () => {
    for (let exponent = -1; exponent < 5; exponent += 0.13) {
      const bar = scaleBar(10 ** exponent, 110, 'mph');
      expect(bar.widthPx).toBeLessThanOrEqual(110.0001);
      expect(bar.widthPx).toBeGreaterThan(20);
    }
  });
});

describe('connection words', () => {
  const now = 1_000_000;

  it('count down to the reconnection', () => {
    expect(linkWord({ kind: 'waiting', until: now + 3_400 }, now)).toBe('Reconnecting in 4 s');
    expect(linkWord({ kind: 'waiting', until: now + 1 }, now)).toBe('Reconnecting in 1 s');
    expect(linkWord({ kind: 'waiting', until: now }, now)).toBe('Reconnecting');
    expect(linkWord({ kind: 'waiting', until: now - 900 }, now)).toBe('Reconnecting');
  });

  it('tell the other states apart', () => {
    expect(linkWord({ kind: 'connecting' }, now)).toBe('Connecting');
    expect(linkWord({ kind: 'live', transport: 'websocket' }, now)).toBe('Live');
    expect(linkWord({ kind: 'live', transport: 'polling' }, now)).toBe('Live, polling');
    expect(linkWord({ kind: 'reconnecting' }, now)).toBe('Reconnecting');
    expect(linkWord({ kind: 'offline' }, now)).toBe('Offline');
    expect(linkWord({ kind: 'refused', code: 'token_missing' }, now)).toBe('Offline');
  });

  it('say from when the positions are, and what came back', () => {
    const time = new Date(2026, 10, 23, 14, 2, 31).getTime();
    expect(lostWord(time)).toBe('Connection lost. Positions are from 14:02:31.');
    expect(lostWord(undefined)).toBe('Connection lost.');
    expect(backWord(37)).toBe('Back online. 37 missed events recovered.');
    expect(backWord(1)).toBe('Back online. 1 missed event recovered.');
    expect(backWord(0)).toBe('Back online. Nothing was missed.');
    expect(backWord(undefined)).toBe('Back online. Positions reloaded.');
  });
});

describe('words', () => {
  it('name what the tracker is', () => {
    expect(kindWord('cargo')).toBe('Cargo ship');
    expect(kindWord('search_and_rescue')).toBe('Search and rescue');
    expect(kindWord('fire_engine')).toBe('Fire engine');
    expect(kindWord('constructor')).toBe('Constructor');
    expect(kindWord(' ')).toBe('Other');
  });

  it('shorten a user', () => {
    expect(initials('Ada Marin')).toBe('AM');
    expect(initials('ada@harbour.example')).toBe('AH');
    expect(roleWord(['user', 'admin'])).toBe('Administrator');
    expect(roleWord(['fleet_manager'])).toBe('Fleet manager');
    expect(roleWord([])).toBe('Guest');
  });

  it('fold two axes into four statuses', () => {
    expect(foldStatus('unknown', 'moving')).toBe(Status.kUnknown);
    expect(foldStatus('offline', 'moving')).toBe(Status.kOffline);
    expect(foldStatus('online', 'moving')).toBe(Status.kMoving);
    expect(foldStatus('online', 'stopped')).toBe(Status.kStopped);
    expect(foldStatus('online', 'unknown')).toBe(Status.kStopped);
  });
});

describe('line chart', () => {
  it('spans its box', () => {
    const points = chartPoints(
      [
        { at: 10, value: 0 },
        { at: 20, value: 4 },
      ],
      100,
      40,
      4,
    );
    expect(points).toEqual([
      [0, 40],
      [100, 0],
    ]);
    expect(linePath(points)).toBe('M0.0 40.0L100.0 0.0');
  });

  it('survives a single value', () => {
    expect(chartPoints([{ at: 5, value: 0 }], 100, 40, 0)).toEqual([[0, 40]]);
  });
});
