#!/usr/bin/env node
import { CommanderError } from 'commander';
import { messageOf, StartFailure } from '../faults.ts';
import { CliFailure, EXIT } from './failure.ts';
import { translateGoFlags } from './go-flags.ts';
import { say } from './output.ts';
import { createProgram } from './program.ts';

/** The entry of the command line: exit codes 0 done, 1 refused, 2 wrong usage, 3 server unreachable. */

// `holdfast list … | head` closes the pipe early, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

const { arguments: words, remarks } = translateGoFlags(process.argv.slice(2));
try {
  await createProgram(remarks).parseAsync(words, { from: 'user' });
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  // Commander has already said it, and help is no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof CliFailure || error instanceof StartFailure) {
    say(`holdfast: ${error.message}`);
    return error.exitCode;
  }
  if (error instanceof Error && error.name === 'SchemaProblem') {
    say(`holdfast: ${messageOf(error)}`);
    return EXIT.usage;
  }
  throw error;
}
