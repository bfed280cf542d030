import type { Figure } from './units.js';

const kMinute = 60_000;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

/** The age in its largest sensible unit: 12 s, 7 min, 3 h, 2 d. Negative ages count as zero. */
export function ageParts(ageMs: number): Figure {
  const age = Math.max(0, ageMs);
  if (age < kMinute) return { value: String(Math.floor(age / 1000)), unit: 's' };
  if (age < kHour) return { value: String(Math.floor(age / kMinute)), unit: 'min' };
  if (age < kDay) return { value: String(Math.floor(age / kHour)), unit: 'h' };
  return { value: String(Math.floor(age / kDay)), unit: 'd' };
}

/** "12 s ago", or "never heard" without a fix time. */
export function formatAge(fixTimeMs: number | undefined, nowMs: number): string {
  if (fixTimeMs === undefined) return 'never heard';
  const parts = ageParts(nowMs - fixTimeMs);
  return `${parts.value} ${parts.unit} ago`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Local time of day, 24 hours. */
export function formatClock(timeMs: number): string {
  const time = new Date(timeMs);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** Local time, with the date in front when it is not today's. */
export function formatLocalTime(timeMs: number, nowMs: number): string {
  const time = new Date(timeMs);
  if (time.toDateString() === new Date(nowMs).toDateString()) return formatClock(timeMs);
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${formatClock(timeMs)}`;
}

/** The same to the minute. */
export function formatLocalMinute(timeMs: number, nowMs: number): string {
  return formatLocalTime(timeMs, nowMs).slice(0, -3);
}

/** "42 s", "1 min 15 s", "2 h": how long to wait, rounded up so that waiting so long is enough. */
export function formatWait(waitMs: number): string {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds >= 3_600) return `${Math.ceil(seconds / 3_600)} h`;
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest > 0 ? ` ${rest} s` : ''}`;
}

/** "12 min", "45 s", "3 h": a length of time in words short enough for a caption. */
export function formatSpan(spanMs: number): string {
  const parts = ageParts(spanMs);
  return `${parts.value} ${parts.unit}`;
}
