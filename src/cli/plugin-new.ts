import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { messageOf } from '../faults.ts';
import { packageNameFrom, skeletonFiles } from '../plugin-kit/skeleton.ts';
import { CliFailure, EXIT } from './failure.ts';
import { say } from './output.ts';

/** Writes the skeleton of a plugin; a folder with something in it is left alone. */
export function newPlugin(directory: string): void {
  const folder = resolve(directory);
  try {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).length > 0) throw new Error('the folder is not empty');
    for (const [name, text] of skeletonFiles(packageNameFrom(basename(folder)))) {
      const path = join(folder, name);
      // `wx`: nothing that came up in the meantime is written over.
      writeFileSync(path, text, { flag: 'wx' });
      process.stdout.write(`${path}\n`);
    }
  } catch (error) {
    throw new CliFailure(EXIT.refused, `cannot write a plugin to ${folder}: ${messageOf(error)}`);
  }
  say(`next: holdfast plugin test ${directory}`);
}
