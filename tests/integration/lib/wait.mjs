// Waiting for what must happen. A limit here only says when to give up and fail.

export const patience = 30_000;

/** The value of `promise`, or a failure that says what did not come. */
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

/** Asks `probe` until it answers something true, which is returned. */
export async function eventually(probe, what, limit = patience) {
  const end = Date.now() + limit;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
