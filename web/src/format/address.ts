import type { Address } from '../../client/index.js';
import { formatWait } from './time.js';
import { formatCount } from './words.js';

/** Why there is no address, or no better one; `retryAfter` in seconds. */
export interface AddressProblem {
  code: string;
  retryAfter?: number;
}

/** What is said of somebody's address. */
export type AddressPhase =
  /** The server knows no addresses, or there is no point to ask about. */
  | { kind: 'hidden' }
  /** `position` in the line, 1 the next, once it is known. */
  | { kind: 'asking'; position?: number }
  /** `coming`: a better one is looked for. `problem`: that failed. */
  | {
      kind: 'known';
      address: Address;
      coming?: { position?: number };
      problem?: AddressProblem;
    }
  | { kind: 'nothing' }
  | { kind: 'failed'; problem: AddressProblem };

/** What the server takes for a language tag: others would be refused, and no address be shown. */
const kLanguage = /^(?=.{2,35}$)[a-z]{2,8}(-[a-z0-9]{1,8})*$/i;

/** The language to ask for, as the browser says it; undefined leaves it to the server. */
export function languageTag(tag: string | undefined): string | undefined {
  return tag !== undefined && kLanguage.test(tag) ? tag : undefined;
}

function withPosition(words: string, position: number | undefined): string {
  if (position === undefined) return words;
  return `${words}, ${position <= 1 ? 'next' : `number ${formatCount(position)}`} in line`;
}

export function askingWord(position?: number): string {
  return withPosition('Looking up the address', position);
}

/** Beside an address that is not the last word. */
export function comingWord(position?: number): string {
  return withPosition('Looking closer', position);
}

/** About how long to wait is precise enough for somebody who reads it a little later. */
function soon(retryAfter: number | undefined): string {
  const isAboutAMinute = retryAfter === undefined || (retryAfter > 45 && retryAfter <= 75);
  return isAboutAMinute ? 'a minute' : formatWait(retryAfter * 1_000);
}

export function problemWord({ code, retryAfter }: AddressProblem): string {
  switch (code) {
    case 'rate_limited':
      return `Too many lookups. Try again in ${soon(retryAfter)}.`;
    case 'queue_full':
      return 'The address service is busy';
    case 'invalid_request':
      return 'This position cannot be looked up';
    default:
      return 'The address service does not answer';
  }
}

/** Whether the same question may have another answer. */
export function canTryAgain({ code }: AddressProblem): boolean {
  return code !== 'invalid_request';
}

export interface AddressLines {
  /** The nearest that is named, as "10, Downing Street". */
  lead: string;
  /** What that lies in; may be empty. */
  rest: string;
}

/** What fits beside the other figures in one line. */
const kLongestRest = 46;

/**
 * The address in two lines. A long name is one with every parish in it: its second line then is
 * made of the parts that one would write on an envelope.
 */
export function addressLines(address: Address): AddressLines {
  const parts = address.display_name.split(/,\s+/);
  const isNumber = parts[0] === address.house_number || /^\d+\s?[a-z]?$/i.test(parts[0] ?? '');
  const leadParts = isNumber && parts.length > 1 ? 2 : 1;
  const lead = parts.slice(0, leadParts).join(', ');
  const rest = parts.slice(leadParts).join(', ');
  if (rest.length <= kLongestRest || address.city === undefined) return { lead, rest };
  const envelope = [address.city, address.state, address.postcode, address.country];
  const named = new Set(parts.slice(0, leadParts));
  const wanted = envelope.filter((part, at) => {
    return part !== undefined && !named.has(part) && envelope.indexOf(part) === at;
  });
  return { lead, rest: wanted.join(', ') };
}
