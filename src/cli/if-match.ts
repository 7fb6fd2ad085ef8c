import type { Command } from 'commander';

export interface IfMatchOptions {
  readonly ifMatch?: string;
}

export function addIfMatch(command: Command): Command {
  return command.option('--if-match <revision>', 'only when the record still has this revision');
}

/** An ETag is the revision in quotes. */
export function ifMatchHeaders({ ifMatch }: IfMatchOptions): Record<string, string> {
  if (ifMatch === undefined) return {};
  return { 'if-match': ifMatch === '*' || ifMatch.startsWith('"') ? ifMatch : `"${ifMatch}"` };
}
