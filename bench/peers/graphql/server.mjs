// npm's graphql over node:http with the gateway's schema and as many trackers in a list:
// server.mjs TRACKERS. The least that a server of its kind does: no roles, no limits, no log.
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {buildSchema, graphql} from 'graphql';

import {trackerOf} from '../../ingest/trackers.mjs';

const file = new URL('../../../src/api/schema.graphql', import.meta.url);
// The directive that every schema of the gateway has without writing it.
const cost = 'directive @cost(weight: Int, items: Int, itemsFrom: String) on FIELD_DEFINITION\n';
const schema = buildSchema(cost + readFileSync(file, 'utf8'));
const now = Date.now();
const trackers = Array.from({length: Number(process.argv[2])}, (_, n) => {
  const {tracker_id: id, latitude, longitude, speed, course, fix_time: fixTime} = trackerOf(n, now);
  return {id, name: id, category: '', connectivity: 'UNKNOWN', motion: 'UNKNOWN',
    position: {latitude, longitude, speed, course, fixTime}};
}).sort((a, b) => (a.id < b.id ? -1 : 1));

const cursorOf = ({id}) => Buffer.from(id).toString('base64url');

const rootValue = {
  trackers({first, after}) {
    const start = after ? trackers.findIndex((one) => cursorOf(one) === after) + 1 : 0;
    const nodes = trackers.slice(start, start + first);
    const edges = nodes.map((node) => ({cursor: cursorOf(node), node}));
    return {edges, nodes, offset: '0-0', pageInfo: {
      hasNextPage: start + first < trackers.length, hasPreviousPage: start > 0,
      startCursor: edges[0]?.cursor, endCursor: edges.at(-1)?.cursor}};
  },
};

const server = createServer((incoming, outgoing) => {
  const chunks = [];
  incoming.on('data', (chunk) => chunks.push(chunk));
  incoming.on('end', async () => {
    const {query, variables} = JSON.parse(Buffer.concat(chunks));
    const result = await graphql({schema, source: query, rootValue, variableValues: variables});
    const body = JSON.stringify(result);
    outgoing.writeHead(200, {'content-type': 'application/json',
      'content-length': Buffer.byteLength(body)});
    outgoing.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`listening http://127.0.0.1:${server.address().port}`);
});
