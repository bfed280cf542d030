// Asking /graphql.

/** The answer to a query: {data, errors}. */
export async function graphql(gateway, query, {as, variables} = {}) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {'content-type': 'application/json', ...(as && {authorization: `Bearer ${as}`})},
    body: JSON.stringify({query, variables}),
  });
  return response.json();
}

/** The data of a query that must not fail. */
export async function dataOf(gateway, query, how) {
  const {data, errors} = await graphql(gateway, query, how);
  if (errors) throw new Error(`${query}: ${JSON.stringify(errors)}`);
  return data;
}

/** The codes of what failed. */
export async function codesOf(gateway, query, how) {
  const {errors = []} = await graphql(gateway, query, how);
  return errors.map((error) => error.extensions.code);
}
