// Waiting for what must happen. A deadline here only says when to give up and fail.

export const patience = 10000;

/** The value of `promise`, or a failure naming `what` did not come. */
export async function within(promise, what, limit = patience) {
  let timer;
  const expiry = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), limit);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

/** Repeats `probe` until it returns something true, which is returned. */
export async function eventually(probe, what, limit = patience) {
  const end = Date.now() + limit;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Items handed over in order: what has come waits for its reader, and the other way round. */
export class Inbox {
  #items = [];
  #readers = [];
  #ended;

  push(item) {
    const reader = this.#readers.shift();
    if (reader) reader.resolve(item);
    else this.#items.push(item);
  }

  /** No more will come; whoever waits fails with `reason`. */
  end(reason) {
    this.#ended ??= reason;
    for (const reader of this.#readers.splice(0)) reader.reject(new Error(this.#ended));
  }

  next(what = 'a message', limit = patience) {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift());
    if (this.#ended) return Promise.reject(new Error(`${this.#ended} while waiting for ${what}`));
    const reader = {};
    const item = new Promise((resolve, reject) => Object.assign(reader, {resolve, reject}));
    this.#readers.push(reader);
    return within(item, what, limit).finally(() => {
      this.#readers = this.#readers.filter((other) => other !== reader);
    });
  }

  /** What has come and was not read yet. */
  takeAll() {
    return this.#items.splice(0);
  }

  get size() {
    return this.#items.length;
  }
}
