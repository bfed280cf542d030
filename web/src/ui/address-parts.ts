import { selectedId } from '../model/selection.js';
import { lazyPart } from './lazy-part.js';

const loaded = lazyPart(
  () => selectedId.value !== undefined,
  () => import('./address.js'),
);

/** What asks for addresses and shows them; undefined while the first details wait for it. */
export const addressParts = loaded.part;

export const watchAddressParts = loaded.watch;
