/* global GraphiQL, React, ReactDOM */
// Who asks is who is signed in on the map: the browser sends the cookie along.
const kFirst = `# What this server can be asked: try Ctrl-Space, or the book at the left.
# Sign in on the map to see more than the public trackers.
{
  me {
    user
    roles
  }
  trackers(first: 10) {
    nodes {
      id
      name
      connectivity
      motion
      position {
        latitude
        longitude
        fixTime
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`;

const fetcher = GraphiQL.createFetcher({url: '/graphql'});
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {fetcher, defaultQuery: kFirst, shouldPersistHeaders: false}));
