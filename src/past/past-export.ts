import type { PastOutput } from '../protocol/past.ts';
import { copyPassing, parquetName } from '../store/table-copy.ts';
import type { PastState } from './past-state.ts';

/** Writes all tables of a state as Parquet, each with the schema of that time. Nothing is synced. @throws Pruned, OutOfTime */
export async function exportState(state: PastState, folder: string, deadlineMs: number): Promise<PastOutput<'past.export'>> {
  const tables: PastOutput<'past.export'>['tables'][number][] = [];
  const { kinds, sequence } = state.plan;
  for (const { name } of kinds) {
    const table = await state.ask(name, deadlineMs, async (sql, kind) => {
      const rows = await copyPassing(sql, kind, folder, sequence);
      return { kind: kind.name, schema: kind.schema, file: parquetName(kind), rows };
    });
    if (table !== undefined) tables.push(table);
  }
  return { tables };
}
