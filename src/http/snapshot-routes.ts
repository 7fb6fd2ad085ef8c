import { done, fail, type Result } from '../faults.ts';
import type { SnapshotDescription } from '../protocol/commands.ts';
import type { Exchange } from './exchange.ts';
import { parseJson } from './json.ts';
import type { FrontLimits } from './limits.ts';
import { mediaTypeOf } from './media-type.ts';
import { SNAPSHOT_ABOUT } from './openapi/about-server.ts';
import { JSON_TYPE } from './record-answer.ts';
import type { Route } from './route.ts';

export interface SnapshotActions {
  take(note?: string): Promise<Result<SnapshotDescription>>;
  list(): Promise<Result<readonly SnapshotDescription[]>>;
}

const NOTE_LENGTH_MAX = 1000;
const BODY_BYTES_MAX = 16_384;

/** Snapshots on demand. */
export function snapshotRoutes({ snapshots, limits }: { snapshots: SnapshotActions; limits: FrontLimits }): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/snapshots',
      access: 'snapshots',
      about: SNAPSHOT_ABOUT.list,
      parameters: [],
      handler: async (exchange) => {
        const list = await snapshots.list();
        if (!list.ok) return exchange.fail(list.fault);
        exchange.reply({ status: 200, headers: [JSON_TYPE], body: JSON.stringify(list.value) });
      },
    },
    {
      method: 'POST',
      path: '/snapshots',
      access: 'snapshots',
      about: SNAPSHOT_ABOUT.take,
      parameters: [],
      timeLimitMs: limits.snapshotTimeLimitMs,
      handler: async (exchange) => {
        const note = await noteIn(exchange);
        if (!note.ok) return exchange.fail(note.fault);
        const taken = await snapshots.take(note.value);
        if (!taken.ok) return exchange.fail(taken.fault);
        exchange.reply({ status: 201, headers: [JSON_TYPE], body: JSON.stringify(taken.value) });
      },
    },
  ];
}

/** The body is optional: nothing, or `{"note": "…"}`. */
async function noteIn(exchange: Exchange): Promise<Result<string | undefined>> {
  if (exchange.body === undefined) return done(undefined);
  if (mediaTypeOf(exchange.head.headers.contentType) !== 'application/json') {
    return fail('unsupported-media-type', 'the Content-Type must be application/json');
  }
  const bytes = await exchange.body.readAll(BODY_BYTES_MAX);
  if (!bytes.ok) return bytes;
  if (bytes.value.length === 0) return done(undefined);
  const parsed = parseJson(bytes.value);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused('', 'must be an object');
  for (const [name, note] of Object.entries(value)) {
    if (name !== 'note') return refused(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, 'is not known here');
    if (typeof note !== 'string' || note.length > NOTE_LENGTH_MAX) return refused('/note', `must be a text of at most ${NOTE_LENGTH_MAX} characters`);
    return done(note);
  }
  return done(undefined);
}

function refused(pointer: string, detail: string): Result<never> {
  return fail('invalid', `the body ${detail}`, [{ pointer, detail }]);
}
