// What a test has published: which contents, how often for certain, and how often at most.

/** Numbers contents and makes their envelopes. A content's number is in its notification. */
export class Book {
  #counts = [];
  #sequences;
  #pad;
  published = 0;

  /** `contents` bounds their number; trackers are numbered from 0. */
  constructor({contents, trackers, padding = 60}) {
    this.contents = contents;
    this.trackers = trackers;
    this.#sequences = new Array(trackers).fill(0);
    this.#pad = 'x'.repeat(padding);
  }

  /** A new content of a tracker, with the next number in its order. */
  next(tracker, more = {}) {
    return this.#make(tracker, ++this.#sequences[tracker], more);
  }

  /** A new content that may be published several times, in any order. */
  twin(tracker, more = {}) {
    return this.#make(tracker, 0, more);
  }

  #make(tracker, sequence, {type = 'tracker_status_change', ...more}) {
    const content = this.#counts.length;
    if (content >= this.contents) throw new Error('the book is full');
    this.#counts.push({least: 0, most: 0});
    const notification = {tracker_id: `exact-${tracker}`, exact: [content, tracker, sequence],
      axis: 'motion', status: 'moving', pad: this.#pad};
    return {content, envelope: {message_type: type, notification, ...more}};
  }

  /** Once more, for certain. */
  accepted(content) {
    ++this.published;
    ++this.#counts[content].least;
    ++this.#counts[content].most;
  }

  /** Perhaps once more: no answer came. */
  unknown(content) {
    ++this.published;
    ++this.#counts[content].most;
  }

  get least() {
    return this.#counts.reduce((sum, {least}) => sum + least, 0);
  }

  get uncertain() {
    return this.#counts.reduce((sum, {least, most}) => sum + most - least, 0);
  }

  expectations() {
    return this.#counts.map(({least, most}, content) => [content, least, most]);
  }
}
