// Who has heard which of the numbers 0, 1, 2 … that were told to all, and what was wrong with it.

export class Ledger {
  #next;
  /** One line for each number that came when another was due. */
  faults = [];

  constructor(listeners) {
    this.#next = Array.from({length: listeners}, () => 0);
  }

  hear(listener, number) {
    const due = this.#next[listener];
    if (number === due) {
      ++this.#next[listener];
    } else if (number < due) {
      this.faults.push(`listener ${listener} heard ${number} again or late, after ${due - 1}`);
    } else {
      this.faults.push(`listener ${listener} heard ${number} and missed ${due}`);
      this.#next[listener] = number + 1;
    }
  }

  /** Those who have not heard everything below `total`. */
  behind(total) {
    return this.#next.flatMap((next, listener) => next < total ? [listener] : []);
  }
}
