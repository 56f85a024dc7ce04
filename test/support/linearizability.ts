/** One call of a history: it took effect at some moment between its start and its end. */
export interface Call {
  /** Milliseconds on one clock. */
  readonly startedAt: number;
  /** Infinity when no answer came: it may have taken effect at any later time, or never. */
  readonly endedAt: number;
  readonly operation:
    | { readonly kind: 'add' | 'delete'; readonly profileId: string }
    | { readonly kind: 'search'; readonly found: readonly string[] };
}

/** The holders after a call, or undefined if it can't come next. */
function after(
  operation: Call['operation'],
  holders: ReadonlySet<string>,
): Set<string> | undefined {
  const next = new Set(holders);
  switch (operation.kind) {
    case 'add':
      return next.add(operation.profileId);
    case 'delete':
      next.delete(operation.profileId);
      return next;
    case 'search': {
      const { found } = operation;
      const isSame = found.length === next.size && found.every((id) => next.has(id));
      return isSame ? next : undefined;
    }
  }
}

/**
 * Whether the calls of one key can be put in an order that a set of profiles explains: each call at
 * a moment between its start and its end, each search finding just the profiles that the set then
 * has. This is Wing and Gong's search, remembering the states that led nowhere.
 */
export function isLinearizable(history: readonly Call[]): boolean {
  const calls = history
    .filter(({ operation, endedAt }) => operation.kind !== 'search' || endedAt < Infinity)
    .toSorted((a, b) => a.startedAt - b.startedAt);
  const failed = new Set<string>();
  const done = new Array<boolean>(calls.length).fill(false);

  const search = (first: number, holders: ReadonlySet<string>): boolean => {
    let next = first;
    while (done[next]) next++;
    // What is left never got an answer, and so need not have happened.
    if (calls.every(({ endedAt }, index) => done[index] || endedAt === Infinity)) return true;
    const later = done.slice(next).map((isDone) => (isDone ? 1 : 0));
    const state = `${next} ${later.join('')} ${[...holders].sort().join(',')}`;
    if (failed.has(state)) return false;
    // A call may come next if no other one had ended before it started.
    const firstEnd = Math.min(
      ...calls.map(({ endedAt }, index) => (done[index] ? Infinity : endedAt)),
    );
    for (let index = next; index < calls.length; index++) {
      const call = calls[index];
      if (call === undefined || call.startedAt > firstEnd) break;
      if (done[index]) continue;
      const changed = after(call.operation, holders);
      if (changed === undefined) continue;
      done[index] = true;
      if (search(next, changed)) return true;
      done[index] = false;
    }
    failed.add(state);
    return false;
  };
  return search(0, new Set());
}
