// Parts of a document that a program writes: what stands between two marks is replaced.

const begin = (name) => `<!-- bench:${name} -->`;
const end = (name) => `<!-- /bench:${name} -->`;

/** @returns {string[]} the names of the parts, in their order */
export function partsOf(document) {
  return [...document.matchAll(/<!-- bench:([\w-]+) -->/g)].map(([, name]) => name);
}

/**
 * @param {string} document
 * @param {string} name of the part
 * @param {string} text that takes its place
 * @returns {string} throws when the part is not there, not ended, or there twice
 */
export function replacePart(document, name, text) {
  const pieces = document.split(begin(name));
  if (pieces.length !== 2) {
    throw new Error(`${begin(name)} must stand in the document once, not ${pieces.length - 1} times`);
  }
  const [before, rest] = pieces;
  const at = rest.indexOf(end(name));
  if (at < 0) throw new Error(`${begin(name)} has no ${end(name)}`);
  return `${before}${begin(name)}\n\n${text.trim()}\n\n${rest.slice(at)}`;
}
