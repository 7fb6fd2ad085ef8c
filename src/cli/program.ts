import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../package-root.ts';
import { addConnectionOptions } from './connection.ts';
import { addCreate } from './create.ts';
import { addDelete } from './delete.ts';
import { addDiff } from './diff.ts';
import { addDoctor } from './doctor.ts';
import { addGet } from './get.ts';
import { addHistory } from './history.ts';
import { addImport } from './import.ts';
import { addImportNa2 } from './import-na2.ts';
import { addKeys } from './keys.ts';
import { addList } from './list.ts';
import { addPatch } from './patch.ts';
import { addPlugin } from './plugin.ts';
import { addQuery } from './query.ts';
import { addRestore } from './restore.ts';
import { addSchemas } from './schemas.ts';
import { addServe } from './serve.ts';
import { addSimulator } from './simulator.ts';
import { addSnapshot } from './snapshot.ts';
import { addToken } from './token.ts';
import { addUpdate } from './update.ts';
import { addValidate } from './validate.ts';
import { addWatch } from './watch.ts';

/** All commands. `remarks` are about flags of the original that were accepted, for `serve` to log. */
export function createProgram(remarks: readonly string[]): Command {
  const program = new Command('holdfast')
    .description('Keeps hold of what nodes a site has and what is reserved on its substrates.')
    .version(version(), '-V, --version')
    .showSuggestionAfterError(true)
    .exitOverride();
  addConnectionOptions(program, true);
  addServe(program, remarks);
  addSchemas(program);
  addCreate(program);
  addGet(program);
  addList(program);
  addUpdate(program);
  addPatch(program);
  addDelete(program);
  addHistory(program);
  addDiff(program);
  addWatch(program);
  addQuery(program);
  addImport(program);
  addImportNa2(program);
  addValidate(program);
  addSnapshot(program);
  addRestore(program);
  addToken(program);
  addKeys(program);
  addPlugin(program);
  addSimulator(program);
  addDoctor(program);
  // Commands do not inherit this when they are added.
  for (const command of allOf(program)) command.exitOverride();
  return program;
}

function allOf(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...allOf(child)]);
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0.0.0';
}
