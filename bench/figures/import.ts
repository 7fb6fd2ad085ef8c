import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../children.ts';
import { type Figure, median } from '../figure.ts';
import { appendAndSync } from '../peers/append.ts';
import { DUCKDB_PROGRAM, type DuckDBAnswer, type DuckDBTask } from '../peers/duckdb.ts';
import type { Imported, Site } from '../site.ts';

/** All nodes in one bulk, all or nothing, until they are answered for; and until a search sees them. */
export async function measureImport(site: Site): Promise<readonly Figure[]> {
  const { runs, nodes } = site.options;
  const imports: Imported[] = [];
  const appends: number[] = [];
  const loads: number[] = [];
  const file = join(site.scratch, 'nodes.ndjson');
  for (let run = 0; run < runs; run++) {
    imports.push(await site.import());
    appends.push(appendAndSync(join(site.scratch, 'append'), site.lines));
    writeFileSync(file, site.lines);
    const task: DuckDBTask = { task: 'load-lines', path: file };
    loads.push(median(((await runProgram(DUCKDB_PROGRAM, task)) as DuckDBAnswer).seconds));
    rmSync(file);
  }
  const seconds = median(imports.map((done) => done.seconds));
  const duckdb = { what: 'DuckDB loading the same lines', value: median(loads) };
  return [
    {
      figure: 'import',
      value: seconds,
      unit: 's',
      better: 'lower',
      limit: { what: 'append and fdatasync of the same bytes', value: median(appends) },
      also: [duckdb],
      runs,
      details: {
        processorSeconds: median(imports.map((done) => done.processorSeconds)),
        nodesPerSecond: nodes / seconds,
        MBPerSecond: site.lines.length / 1e6 / seconds,
        bytesPerNode: site.lines.length / nodes,
      },
    },
    {
      figure: 'import-searchable',
      value: median(imports.map((done) => done.seconds + done.searchableSeconds)),
      unit: 's',
      better: 'lower',
      limit: duckdb,
      runs,
      details: { secondsAfterAnswer: median(imports.map((done) => done.searchableSeconds)) },
    },
  ];
}
