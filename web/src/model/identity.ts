import type { SessionInfo, TrackerId } from '../../client/index.js';

/** Whether both may see and do the same as the same person. */
export function sameIdentity(a: SessionInfo, b: SessionInfo): boolean {
  return (
    a.user?.id === b.user?.id &&
    sameSet(a.roles, b.roles) &&
    sameSet(a.permissions, b.permissions) &&
    sameSet(a.clients, b.clients)
  );
}

function sameSet(a: readonly TrackerId[], b: readonly TrackerId[]): boolean {
  const [left, right] = [new Set(a), new Set(b)];
  return left.size === right.size && [...left].every((entry) => right.has(entry));
}

export function isAdmin(session: SessionInfo | undefined): boolean {
  return session?.roles.includes('admin') ?? false;
}

/** Who is signed in; null for an anonymous visitor. A token may give rights without a name. */
export function personOf(session: SessionInfo | undefined): { id: string; name: string } | null {
  if (!session) return null;
  if (session.user) return session.user;
  const { roles, permissions, clients } = session;
  const isAnonymous = roles.length + permissions.length + clients.length === 0;
  return isAnonymous ? null : { id: '', name: 'Signed in' };
}

/** Somebody was signed in and nobody is any more. */
export function hasEnded(before: SessionInfo | undefined, after: SessionInfo): boolean {
  return personOf(before) !== null && personOf(after) === null;
}

/**
 * Which trackers known under `before` are certain to be visible under `after`, by their client.
 * All others are to be forgotten until a list for `after` names them, and so is everything when a
 * role is gone: it may have shown fields of a position that the other roles do not.
 */
export function staysVisible(
  before: SessionInfo | undefined,
  after: SessionInfo,
): (clientId: TrackerId | undefined) => boolean {
  // What an anonymous visitor knows is public.
  if (!before || personOf(before) === null || isAdmin(after)) return () => true;
  if (!before.roles.every((role) => after.roles.includes(role))) return () => false;
  const clients = new Set(after.clients);
  return (clientId) => clientId !== undefined && clients.has(clientId);
}
