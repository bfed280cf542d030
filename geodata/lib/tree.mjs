// A k-d tree of places as points on the unit sphere, where no antimeridian or pole is special.
const LEAF = 8;

export function unitVector(lat, lon) {
  const phi = (lat * Math.PI) / 180;
  const lambda = (lon * Math.PI) / 180;
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)]
    .map(Math.fround);
}

/**
 * Orders `places` (with `vector` and `reach`) so that each leaf's are beside each other, and gives
 * the nodes, parents before children and the left child right behind its parent:
 * {low, high, reach, count, first} for a leaf, {low, high, reach, count: 0, first: right child}.
 * Numbers are relative to `firstNode` and `firstPlace`.
 */
export function buildTree(places, firstNode, firstPlace) {
  const nodes = [];
  const split = (from, to) => {
    const part = places.slice(from, to);
    const low = [0, 1, 2].map((axis) => Math.min(...part.map((place) => place.vector[axis])));
    const high = [0, 1, 2].map((axis) => Math.max(...part.map((place) => place.vector[axis])));
    const node = {low, high, reach: Math.max(...part.map((place) => place.reach))};
    nodes.push(node);
    if (to - from <= LEAF) return Object.assign(node, {count: to - from, first: firstPlace + from});
    const axis = [0, 1, 2].reduce((a, b) => (high[b] - low[b] > high[a] - low[a] ? b : a));
    part.sort((a, b) => a.vector[axis] - b.vector[axis] || a.order - b.order);
    for (let i = 0; i < part.length; i++) places[from + i] = part[i];
    const middle = from + Math.ceil((to - from) / 2 / LEAF) * LEAF;
    split(from, middle);
    Object.assign(node, {count: 0, first: firstNode + nodes.length});
    split(middle, to);
    return node;
  };
  if (places.length > 0) split(0, places.length);
  return nodes;
}
