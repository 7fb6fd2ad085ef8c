import type { Client, Problem } from '../client/client.ts';
import { describeProblem, PATIENT_RETRIES_MAX } from './api.ts';
import { CliFailure, EXIT } from './failure.ts';
import { readInput } from './input.ts';
import { printJson, say } from './output.ts';

/** One line of the server's answer: taken with an operation id, or refused with a problem. */
interface ImportedItem extends Problem {
  readonly endpoint?: string;
  readonly reservation_id?: string;
  readonly operation_id?: string;
  readonly status: number;
}

/**
 * Hands the schedule of a running NodeAgent2 over to the server, in one request: the server looks for reservations that
 * are in the list twice. `file` holds what `GET /schedule` answered there; `-` is standard input.
 */
export async function importSchedule(client: Client, file: string): Promise<void> {
  const list = listIn(readInput({ file }).value, file);
  const body = JSON.stringify({ list });
  const { text } = await client.request({ method: 'POST', path: '/reservations/import', body, retriesMax: PATIENT_RETRIES_MAX });
  const { items } = JSON.parse(text) as { readonly items: readonly ImportedItem[] };
  let taken = 0;
  for (const item of items) {
    const name = `${item.endpoint ?? '(no name)'}/${item.reservation_id ?? '(no id)'}`;
    if (item.operation_id === undefined) {
      say(`refused  ${name}: ${describeProblem(item.status, item).replaceAll(/\n\s*/g, '; ')}`);
    } else {
      taken += 1;
      say(`taken    ${name} (operation ${item.operation_id})`);
    }
  }
  const refused = items.length - taken;
  printJson({ taken, refused });
  if (refused > 0) throw new CliFailure(EXIT.refused, `${refused} of ${items.length} reservations were refused`);
}

function listIn(value: unknown, file: string): readonly unknown[] {
  const list: unknown = typeof value === 'object' && value !== null && 'list' in value ? value.list : undefined;
  if (!Array.isArray(list)) throw new CliFailure(EXIT.usage, `${file}: this is not what GET /schedule answers ({"list": […]}); nothing was sent`);
  return list;
}
