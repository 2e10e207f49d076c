import type { RunModel } from '@watchtower/database';

/** A place in the order of runs by the time they were triggered; the id tells those of one moment apart. */
export type RunPlace = Pick<RunModel, 'id' | 'triggered_at'>;

/** How a query reads runs on from a place, whatever happened to the run there meanwhile. */
export function runsBehind(after: RunPlace | null, direction: 'oldest_first' | 'newest_first') {
  const sort = direction === 'oldest_first' ? 'asc' : 'desc';
  const past = <T>(value: T) => (direction === 'oldest_first' ? { gt: value } : { lt: value });
  const orderBy: { readonly triggered_at?: typeof sort; readonly id?: typeof sort }[] = [
    { triggered_at: sort },
    { id: sort },
  ];
  return {
    orderBy,
    where: after
      ? {
          OR: [
            { triggered_at: past(after.triggered_at) },
            { triggered_at: after.triggered_at, id: past(after.id) },
          ],
        }
      : {},
  };
}
