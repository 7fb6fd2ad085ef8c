import type { Figure } from './figure.ts';
import { measureDiff } from './figures/diff.ts';
import { measureFeedFanOut, measureFeedIdle, measureFeedReplay } from './figures/feed.ts';
import { measureGet } from './figures/get.ts';
import { measureGetDuringImport, measureGetDuringSnapshot } from './figures/get-meanwhile.ts';
import { measureGrowth } from './figures/growth.ts';
import { measureHungPlugin } from './figures/hung-plugin.ts';
import { measureIdleTick } from './figures/idle-tick.ts';
import { measureImport } from './figures/import.ts';
import { measureJoin } from './figures/join.ts';
import { measureList } from './figures/list.ts';
import { measureMemory } from './figures/memory.ts';
import { measureOverload } from './figures/overload.ts';
import { measurePut } from './figures/put.ts';
import { measureQuery24, measureQueryHeavy, measureQueryLive } from './figures/query.ts';
import { measureRenewStorm } from './figures/renew-storm.ts';
import { measureJournalRestart, measureRestart } from './figures/restart.ts';
import { measureRestore } from './figures/restore.ts';
import { measureSearch } from './figures/search.ts';
import { measureSearchUnique } from './figures/search-unique.ts';
import { measurePatch, measurePost } from './figures/single-writes.ts';
import { measureSnapshot } from './figures/snapshot.ts';
import { measureSnapshotGrowth } from './figures/snapshot-growth.ts';
import type { Site } from './site.ts';

export interface Step {
  readonly name: string;
  /** Takes so long that it runs only when it is named. */
  readonly onlyNamed?: true;
  measure(site: Site): Promise<readonly Figure[]>;
}

/** In the order in which they run: the journal's restart comes before the first snapshot, what changes much comes late. Reservations have servers of their own. */
export const STEPS: readonly Step[] = [
  { name: 'import', measure: measureImport },
  { name: 'restart-journal', measure: measureJournalRestart },
  { name: 'snapshot', measure: measureSnapshot },
  { name: 'restart', measure: measureRestart },
  { name: 'memory', measure: measureMemory },
  { name: 'get', measure: measureGet },
  { name: 'search', measure: measureSearch },
  { name: 'search-unique', measure: measureSearchUnique },
  { name: 'list', measure: measureList },
  { name: 'query-live', measure: measureQueryLive },
  { name: 'query-24', measure: measureQuery24 },
  { name: 'query-heavy', measure: measureQueryHeavy },
  { name: 'get-during-snapshot', measure: measureGetDuringSnapshot },
  { name: 'get-during-import', measure: measureGetDuringImport },
  { name: 'put', measure: measurePut },
  { name: 'patch', measure: measurePatch },
  { name: 'overload', measure: measureOverload },
  { name: 'diff', measure: measureDiff },
  { name: 'snapshot-growth', measure: measureSnapshotGrowth },
  { name: 'feed-idle', measure: measureFeedIdle },
  { name: 'feed-replay', measure: measureFeedReplay },
  { name: 'feed-fan-out', measure: measureFeedFanOut },
  { name: 'restore', measure: measureRestore },
  { name: 'post', measure: measurePost },
  { name: 'join', measure: measureJoin },
  { name: 'renew-storm', measure: measureRenewStorm },
  { name: 'hung-plugin', measure: measureHungPlugin },
  { name: 'idle-tick', measure: measureIdleTick },
  { name: 'growth', onlyNamed: true, measure: measureGrowth },
];

/** @param only names; none means all that need not be named. */
export function stepsFor<S extends { readonly name: string; readonly onlyNamed?: true }>(steps: readonly S[], only: readonly string[]): readonly S[] {
  return steps.filter(({ name, onlyNamed }) => (only.length === 0 ? onlyNamed !== true : only.includes(name)));
}
