import { join } from 'node:path';
import { openDatabase } from './database.ts';
import { realFiles } from './files.ts';
import { damageOf, nameOfFolder, readManifest } from './manifest.ts';
import { parquet } from './tables.ts';

/** What checking one snapshot came to; no `problem` = it can be restored. */
export interface VerifiedSnapshot {
  readonly name: string;
  readonly problem?: string;
  readonly rows: Readonly<Record<string, number>>;
}

/** Checks checksums and row counts of every snapshot of a data folder; changes nothing and needs no server. */
export async function verifySnapshots(dataDirectory: string): Promise<readonly VerifiedSnapshot[]> {
  const directory = join(dataDirectory, 'snapshots');
  const names = realFiles.exists(directory) ? [...realFiles.list(directory)].sort() : [];
  const verified: VerifiedSnapshot[] = [];
  for (const entry of names) {
    const name = nameOfFolder(entry);
    if (name !== undefined) verified.push(await verifySnapshot(join(directory, entry), name));
  }
  return verified;
}

async function verifySnapshot(folder: string, name: string): Promise<VerifiedSnapshot> {
  const read = readManifest(realFiles, folder);
  if (!read.ok) return { name, problem: read.reason, rows: {} };
  const rows = Object.fromEntries(Object.entries(read.manifest.kinds).map(([kind, entry]) => [kind, entry.rows]));
  const damage = damageOf(realFiles, folder, read.manifest);
  if (damage !== undefined) return { name, problem: damage, rows };
  const database = await openDatabase();
  try {
    const session = await database.open();
    for (const entry of Object.values(read.manifest.kinds)) {
      const query = `SELECT count(*) FROM ${parquet(join(folder, entry.file))}`;
      const counted = await session.alone((sql) => sql.rows(query));
      const count = Number(counted[0]?.[0]);
      if (count !== entry.rows) return { name, problem: `${entry.file} has ${count} rows instead of ${entry.rows}`, rows };
    }
    await session.close();
    return { name, rows };
  } finally {
    database.close();
  }
}
