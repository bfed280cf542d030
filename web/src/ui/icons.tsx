import type { ComponentChildren, JSX } from 'preact';

import { Status } from '../format/words.js';

function icon(children: ComponentChildren, size = 18): JSX.Element {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const SearchIcon = (): JSX.Element =>
  icon(
    <>
      <circle cx="10.5" cy="10.5" r="6.5" />
      <path d="m20 20-4.8-4.8" />
    </>,
  );
export const CloseIcon = (): JSX.Element => icon(<path d="M6 6l12 12M18 6 6 18" />);
export const ChevronIcon = (): JSX.Element => icon(<path d="m7 10 5 5 5-5" />, 16);
export const CheckIcon = (): JSX.Element => icon(<path d="m5 12.5 4.5 4.5L19 7.5" />);
export const PlusIcon = (): JSX.Element => icon(<path d="M12 5v14M5 12h14" />);
export const MinusIcon = (): JSX.Element => icon(<path d="M5 12h14" />);
export const CopyIcon = (): JSX.Element =>
  icon(
    <>
      <rect x="9" y="9" width="11" height="11" rx="2.5" />
      <path d="M5.5 15H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v.5" />
    </>,
    16,
  );
export const WarningIcon = (): JSX.Element =>
  icon(
    <>
      <path d="M12 4 2.8 19.5h18.4z" />
      <path d="M12 10v4.5M12 17v.2" />
    </>,
  );
export const RefreshIcon = (): JSX.Element =>
  icon(
    <>
      <path d="M19.5 9.5A8 8 0 0 0 5.2 8M4.5 4v4.2h4.2" />
      <path d="M4.5 14.5A8 8 0 0 0 18.8 16M19.5 20v-4.2h-4.2" />
    </>,
  );
export const FrameIcon = (): JSX.Element =>
  icon(
    <>
      <path d="M4 9V6a2 2 0 0 1 2-2h3M15 4h3a2 2 0 0 1 2 2v3" />
      <path d="M20 15v3a2 2 0 0 1-2 2h-3M9 20H6a2 2 0 0 1-2-2v-3" />
    </>,
  );
export const TargetIcon = (): JSX.Element =>
  icon(
    <>
      <circle cx="12" cy="12" r="6.5" />
      <circle cx="12" cy="12" r="1.2" fill="currentColor" />
      <path d="M12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3" />
    </>,
  );
export const SunIcon = (): JSX.Element =>
  icon(
    <>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1" />
      <path d="M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1" />
    </>,
  );
export const MoonIcon = (): JSX.Element =>
  icon(<path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z" />);
export const EyeIcon = (): JSX.Element =>
  icon(
    <>
      <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z" />
      <circle cx="12" cy="12" r="2.8" />
    </>,
  );

export function Logo(): JSX.Element {
  return (
    <svg class="logo" width="28" height="28" viewBox="0 0 28 28" aria-hidden="true">
      <rect class="logo-tile" width="28" height="28" rx="7" />
      <path class="logo-mark" d="M21.5 6.5 12 10.2l3.9 1.9 1.9 3.9z" />
      <path class="logo-trail" d="m14.2 13.8-8 8" />
    </svg>
  );
}

const kShapes: Record<Status, JSX.Element> = {
  [Status.kMoving]: <path class="mark-fill" d="M8 1.2 12.9 13.4 8 10.7 3.1 13.4z" />,
  [Status.kStopped]: <circle class="mark-fill" cx="8" cy="8" r="4" />,
  [Status.kOffline]: <circle class="mark-line" cx="8" cy="8" r="3.6" />,
  [Status.kUnknown]: <path class="mark-line" d="M8 3.2 12.8 8 8 12.8 3.2 8z" />,
};

interface MarkProps {
  status: Status;
  /** Degrees; only the moving mark turns. */
  course?: number | undefined;
  size?: number;
}

/** The same shape and colour as on the map. */
export function Mark({ status, course, size = 16 }: MarkProps): JSX.Element {
  const turn = status === Status.kMoving ? (course ?? 45) : 0;
  return (
    <svg
      class={`mark mark-${Status[status].slice(1).toLowerCase()}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
    >
      <g transform={`rotate(${turn} 8 8)`}>{kShapes[status]}</g>
    </svg>
  );
}
