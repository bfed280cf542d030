import { type Fields, asFields } from './decode.js';
import { TrackwireError } from './error.js';
import { type Presented, ask, refusalOf, requestOf } from './http.js';

/**
 * The `data` of a GraphQL request at `/graphql`.
 *
 * Throws a TrackwireError when any field failed, with the `extensions.code` of the first error:
 * `unauthorized`, `forbidden`, `bad_argument`, `rate_limited` with `retryAfter` ...; `unreachable`
 * without an answer, `unexpected` for one that is not GraphQL's.
 */
export async function askGraphql(
  document: string,
  variables: object,
  base = '',
  presented: Presented = {},
): Promise<Fields> {
  const init = requestOf(presented);
  const { response, body } = await ask(`${base}/graphql`, {
    ...init,
    method: 'POST',
    headers: { ...init.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ query: document, variables }),
  });
  const errors = asFields(body)?.['errors'];
  const failed = Array.isArray(errors) && errors.length > 0;
  if (failed || !response.ok) {
    const first = asFields(failed ? errors[0] : null);
    const extensions = asFields(first?.['extensions']);
    throw new TrackwireError(refusalOf(response, { ...first, ...extensions }));
  }
  const data = asFields(asFields(body)?.['data']);
  if (data) return data;
  throw new TrackwireError({ code: 'unexpected', message: 'the answer is not GraphQL' });
}
