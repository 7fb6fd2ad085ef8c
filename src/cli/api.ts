import { Client, HoldfastError, type Problem } from '../client/client.ts';
import { messageOf } from '../faults.ts';
import type { Connection } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';

/** The client as the commands use it. What the server refuses and what keeps us from it are thrown as `CliFailure`. */

/** An atomic bulk answers when all of it is in. */
const ANSWER_TIMEOUT_MS = 600_000;
const PROBLEM_ERRORS_SHOWN = 20;
/** For calls that wait while the server says that it will have time later. Whoever sits at the terminal decides about all others. */
export const PATIENT_RETRIES_MAX = 8;

/** Runs a command's work with the server and ends the connections afterwards. */
export async function withClient<T>(connection: Connection, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ url: connection.root, token: connection.token, answerTimeoutMs: ANSWER_TIMEOUT_MS, retry: { retriesMax: 0 } });
  try {
    return await work(client);
  } catch (error) {
    throw asFailure(connection, error);
  } finally {
    await client.close();
  }
}

const WHERE_TOKENS_COME_FROM = '  a token comes from --jwt, HOLDFAST_JWT, or --data-dir with the data folder of a server on this machine';

/** What the client throws, as commands tell it; anything else as it is. */
export function asFailure({ root }: Connection, error: unknown): unknown {
  if (!(error instanceof HoldfastError)) return error;
  const { code, status, problem } = error;
  if (code === 'unreachable' || code === 'connection-lost') return new CliFailure(EXIT.unreachable, `cannot reach ${root}: ${messageOf(error.cause ?? error)}`);
  const told = status === undefined || problem === undefined ? error.message : describeProblem(status, problem);
  return new CliFailure(EXIT.refused, code === 'unauthorized' ? `${told}\n${WHERE_TOKENS_COME_FROM}` : told);
}

/** Title, detail and every error of a problem. */
export function describeProblem(status: number, { title = 'refused', detail = '', errors = [] }: Problem): string {
  const lines = [`${title} (${status})`];
  const [first] = errors;
  const isSaidAgain = errors.length === 1 && describeDetail(first).replace(': ', ' ') === detail;
  if (detail !== '' && !isSaidAgain) lines.push(`  ${detail}`);
  for (const each of errors.slice(0, PROBLEM_ERRORS_SHOWN)) lines.push(`  ${describeDetail(each)}`);
  if (errors.length > PROBLEM_ERRORS_SHOWN) lines.push(`  and ${errors.length - PROBLEM_ERRORS_SHOWN} more`);
  return lines.join('\n');
}

/** One `{pointer, detail}` in words. */
export function describeDetail(each: unknown): string {
  if (typeof each !== 'object' || each === null) return String(each);
  const { pointer, detail } = each as { pointer?: unknown; detail?: unknown };
  return typeof pointer === 'string' && pointer !== '' ? `${pointer}: ${String(detail)}` : String(detail);
}
