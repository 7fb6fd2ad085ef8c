import type { Command } from 'commander';

export interface IfMatchOptions {
  readonly ifMatch?: string;
}

export function addIfMatch(command: Command): Command {
  return command.option('--if-match <revision>', 'only when the record still has this revision');
}
