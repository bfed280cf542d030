import assert from 'node:assert/strict';

/**
 * Everything that reaches a page: bodies of all HTTP answers, by whichever way they were asked for,
 * and all WebSocket messages. Start it before the page is opened.
 */
export async function recordTraffic(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable', {
    maxTotalBufferSize: 400_000_000,
    maxResourceBufferSize: 100_000_000,
  });
  const parts = [];
  const urls = new Map();
  const unread = new Set();
  const keep = (source, body, isBase64) =>
    parts.push({ source, text: isBase64 ? Buffer.from(body, 'base64').toString() : body });

  devtools.on('Network.responseReceived', ({ requestId, response }) =>
    urls.set(requestId, new URL(response.url).pathname),
  );
  devtools.on('Network.loadingFinished', ({ requestId }) => {
    const reading = devtools
      .send('Network.getResponseBody', { requestId })
      .then(({ body, base64Encoded }) => keep(urls.get(requestId) ?? '?', body, base64Encoded))
      .finally(() => unread.delete(reading));
    unread.add(reading);
  });
  devtools.on('Network.webSocketFrameReceived', ({ response }) =>
    keep('websocket', response.payloadData, response.opcode === 2),
  );

  return {
    /** From here on. */
    forget() {
      parts.length = 0;
    },
    /** What came so far. A body that could not be read fails the test. */
    async parts() {
      while (unread.size > 0) await Promise.all(unread);
      return [...parts];
    },
  };
}

/** The places where one of `words` stands as a JSON string or a number of its own. */
export function mentions(parts, words) {
  const wanted = new Set(words.map(String));
  const found = [];
  for (const { source, text } of parts) {
    for (const match of text.matchAll(/"((?:[^"\\]|\\.)*)"|(?<![\w.-])(\d{5,})(?![\w.-])/g)) {
      const word = match[2] ?? unescaped(match[1]);
      if (wanted.has(word)) found.push({ source, word });
    }
  }
  return found;
}

function unescaped(text) {
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text;
  }
}

/** A recording that holds none of what it should would prove nothing. */
export function assertMentions(parts, words, source) {
  const found = mentions(parts, words).filter((place) => place.source === source);
  assert.ok(found.length > 0, `${source} brings nothing about ${words.slice(0, 3)}`);
}
