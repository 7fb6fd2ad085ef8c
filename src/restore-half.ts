import { systemClock } from './clock.ts';
import type { Feed } from './feed/feed.ts';
import type { PlanParts } from './history/restore-plan.ts';
import { type RestoreRequest, Restores } from './history/restores.ts';
import type { FrontLimits } from './http/limits.ts';
import { restoreRoutes } from './http/restore-routes.ts';
import type { Route } from './http/route.ts';
import type { KindNames } from './http/router.ts';
import type { Log } from './log.ts';
import type { RestoreReport } from './protocol/restore.ts';
import type { StoreHalf } from './store-half.ts';

/** The part of the composition root that builds restores, and their route. */

export interface RestoreHalfParts extends PlanParts {
  readonly store: StoreHalf;
  readonly kinds: KindNames;
  readonly limits: FrontLimits;
  readonly feed: Feed;
  readonly log: Log;
}

export function composeRestores({ store, kinds, limits, feed, log, view, ask }: RestoreHalfParts): readonly Route[] {
  const restores = new Restores({
    owner: store.owner,
    moves: store.moves,
    view,
    ask,
    kinds: kinds.all.map(({ name }) => name),
    takeSnapshot: (note) => store.takeSafetySnapshot(note),
  });
  return restoreRoutes({
    kinds,
    limits,
    async restore(request, subject) {
      const report = await restores.restore(request);
      if (!report.ok || report.value.safety_snapshot === undefined) return report;
      const data = eventOf(request, report.value);
      log.info({ ...data, subject }, 'the inventory went back to an earlier moment');
      feed.signal({ type: 'inventory.restored', timeMs: systemClock.nowMs(), subject: String(report.value.as_of.sequence), data });
      return report;
    },
  });
}

function eventOf(
  { kinds, filter, properties, note }: RestoreRequest,
  { as_of, sequence, total, counts, safety_snapshot }: RestoreReport,
): Record<string, unknown> {
  return {
    as_of,
    sequence,
    total,
    counts,
    safety_snapshot,
    ...(kinds === undefined ? {} : { kinds }),
    ...(filter === undefined ? {} : { filter }),
    ...(properties === undefined ? {} : { properties: properties.map((path) => path.join('.')) }),
    ...(note === undefined ? {} : { note }),
  };
}
