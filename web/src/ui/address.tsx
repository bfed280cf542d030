import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';

import {
  type Address,
  type Attribution,
  type TrackerId,
  fetchAttributions,
} from '../../client/index.js';
import {
  type AddressPhase,
  type AddressProblem,
  addressLines,
  askingWord,
  canTryAgain,
  comingWord,
  languageTag,
  problemWord,
} from '../format/address.js';
import { AddressLookup } from '../model/address-lookup.js';
import { addresses, shownAddress } from '../model/addresses.js';
import { requestGeocoding, socketId } from '../model/live.js';

// A part of the page that is loaded with the first details: see address-parts.ts.

/** Of what the map is made, and its credit says so already. */
const kNamedByTheMap = /\b(natural earth|geonames)\b/i;

const attributions = signal<readonly Attribution[] | undefined>(undefined);
let learning = false;

addresses.value = new AddressLookup(
  {
    isConnected: () => socketId() !== undefined,
    ask: (requestId, point) => {
      const language = languageTag(navigator.language);
      return requestGeocoding({ ...point, ...(language && { language }), request_id: requestId });
    },
  },
  (tracker, phase) => {
    shownAddress.value = { tracker, phase };
    if (phase.kind === 'known') void learnAttributions();
  },
);

/** With the first address, for that is what has to be credited. */
async function learnAttributions(): Promise<void> {
  if (learning || attributions.peek()) return;
  learning = true;
  try {
    attributions.value = await fetchAttributions();
  } catch (error) {
    // The next address tries again.
    console.warn('attributions:', error);
  } finally {
    learning = false;
  }
}

interface Asked {
  id: TrackerId;
}

/** Where a tracker is, in words; nothing where the server knows no addresses. */
export function AddressPart({ id }: Asked): JSX.Element | null {
  const text = useRef<HTMLDivElement>(null);
  const { tracker, phase } = shownAddress.value;
  if (tracker !== id || phase.kind === 'hidden') return null;
  const tryAgain = (): void => {
    // The button goes away, and should not take the focus with it.
    text.current?.focus();
    addresses.peek()?.tryAgain();
  };
  return (
    <section class="detail-part address" data-phase={phase.kind}>
      <div class="part-head">
        <h3>Address</h3>
        <Aside phase={phase} tryAgain={tryAgain} />
      </div>
      <div class="address-text" role="status" tabIndex={-1} ref={text} data-testid="address">
        <Text phase={phase} />
      </div>
      {phase.kind === 'failed' && <TryAgain problem={phase.problem} tryAgain={tryAgain} />}
    </section>
  );
}

interface Tried {
  problem: AddressProblem;
  tryAgain: () => void;
}

function TryAgain({ problem, tryAgain }: Tried): JSX.Element | null {
  if (!canTryAgain(problem)) return null;
  return (
    <button type="button" class="link-button" onClick={tryAgain}>
      Try again
    </button>
  );
}

/** Beside the heading, so that nothing moves when it comes or goes. */
function Aside({
  phase,
  tryAgain,
}: {
  phase: AddressPhase;
  tryAgain: () => void;
}): JSX.Element | null {
  if (phase.kind !== 'known') return null;
  const { coming, problem } = phase;
  if (coming) {
    return (
      <span class="address-coming" data-testid="address-coming">
        {comingWord(coming.position)}
      </span>
    );
  }
  if (!problem) return null;
  return (
    <span class="address-problem" data-testid="address-problem" title={problemWord(problem)}>
      Approximate
      <TryAgain problem={problem} tryAgain={tryAgain} />
    </span>
  );
}

function Text({ phase }: { phase: AddressPhase }): JSX.Element | null {
  switch (phase.kind) {
    case 'asking':
      return (
        <>
          <i class="shimmer" />
          <p class="address-note">{askingWord(phase.position)}</p>
        </>
      );
    case 'known':
      return (
        <>
          <Lines address={phase.address} />
          {phase.problem && <p class="unseen">{problemWord(phase.problem)}</p>}
        </>
      );
    case 'nothing':
      return <p class="address-none">No address at this position</p>;
    case 'failed':
      return <p class="address-none">{problemWord(phase.problem)}</p>;
    case 'hidden':
      return null;
  }
}

function Lines({ address }: { address: Address }): JSX.Element {
  const { lead, rest } = addressLines(address);
  return (
    <div title={address.display_name}>
      <p>{lead}</p>
      {rest !== '' && <p class="address-rest">{rest}</p>}
    </div>
  );
}

/** Whose data the addresses are made of, after those whose the map is. */
export function AddressCredits(): JSX.Element {
  const more = attributions.value?.filter(({ text }) => !kNamedByTheMap.test(text)) ?? [];
  return (
    <>
      {more.map((attribution) => (
        <span key={attribution.text}>
          {' · '}
          <Credited attribution={attribution} />
        </span>
      ))}
    </>
  );
}

/** The same among the details, for where the map's credit has no room for it. */
export function AddressSources(): JSX.Element | null {
  const all = attributions.value ?? [];
  if (all.length === 0) return null;
  return (
    <p class="address-sources">
      {'Address data'}
      {all.map((attribution) => (
        <span key={attribution.text}>
          {' · '}
          <Credited attribution={attribution} />
        </span>
      ))}
    </p>
  );
}

function Credited({ attribution }: { attribution: Attribution }): JSX.Element {
  const { text, url, licence } = attribution;
  if (url === undefined) return <>{text}</>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer" title={licence}>
      {text}
    </a>
  );
}
