import type { PluginFeatures } from '../protocol/plugin-calls.ts';
import { Bench, type BenchOptions, CheckFailure } from './bench.ts';
import { CHECKS } from './checks.ts';

/** The conformance kit: drives a plugin through its real host, and says for each check what came of it. */

export interface CheckResult {
  readonly name: string;
  readonly verdict: 'ok' | 'failed' | 'skipped';
  /** Why it failed or was skipped, or a remark. */
  readonly detail?: string;
}

const START = 'it starts, with all the functions that a plugin needs';
const CLEAN_UP = 'everything that the checks have joined can be left';

/** Checks go on after a failure, but not without a plugin that starts and joins. */
export async function* conformance(options: BenchOptions): AsyncGenerator<CheckResult, void, undefined> {
  const bench = new Bench(options);
  try {
    const started = await bench.start();
    if (!started.ok) {
      yield { name: START, verdict: 'failed', detail: started.fault.detail };
      return;
    }
    yield { name: START, verdict: 'ok', ...remark(inWords(started.value)) };
    for (const { name, needs, run } of CHECKS) {
      if (needs !== undefined && !started.value[needs]) {
        yield { name, verdict: 'skipped', detail: `the plugin has no ${needs}` };
        continue;
      }
      const result = await verdictOf(name, () => run(bench));
      yield result;
      if (result.verdict === 'failed' && bench.held.length === 0) return;
    }
    yield await verdictOf(CLEAN_UP, () => leaveAll(bench));
  } finally {
    await bench.stop();
  }
}

async function verdictOf(name: string, run: () => Promise<string | undefined>): Promise<CheckResult> {
  try {
    return { name, verdict: 'ok', ...remark(await run()) };
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    return { name, verdict: 'failed', detail: error.message };
  }
}

async function leaveAll(bench: Bench): Promise<string | undefined> {
  const kept: string[] = [];
  for (const reservation of bench.held) {
    try {
      await bench.leave(reservation);
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      kept.push(`${reservation.id} (${error.message})`);
    }
  }
  if (kept.length > 0) throw new CheckFailure(`still there: ${kept.join(', ')}`);
  return undefined;
}

function inWords({ find, list }: PluginFeatures): string {
  const has = [...(find ? ['find'] : []), ...(list ? ['list'] : [])];
  return has.length === 0 ? 'it has neither find nor list' : `it has ${has.join(' and ')}`;
}

function remark(detail: string | undefined): { readonly detail?: string } {
  return detail === undefined ? {} : { detail };
}
