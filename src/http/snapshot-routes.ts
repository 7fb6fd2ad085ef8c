import { done, fail, type Result } from '../faults.ts';
import { pointerInto } from '../json-pointer.ts';
import { AT_FORMS, type At, parseAt } from '../protocol/at.ts';
import type { SnapshotDescription, SnapshotDetail } from '../protocol/commands.ts';
import { RESERVATIONS } from '../protocol/reservations.ts';
import { INSUFFICIENT_SCOPE, permits } from './auth.ts';
import type { Exchange } from './exchange.ts';
import { replyFile } from './file-answer.ts';
import { parseJson } from './json.ts';
import type { FrontLimits } from './limits.ts';
import { mediaTypeOf } from './media-type.ts';
import { SNAPSHOT_ABOUT as ABOUT } from './openapi/about-snapshots.ts';
import { JSON_TYPE } from './record-answer.ts';
import type { Call, Route } from './route.ts';

export interface SnapshotActions {
  take(note?: string): Promise<Result<SnapshotDescription>>;
  list(): Promise<Result<readonly SnapshotDescription[]>>;
  /** Undefined when there is none. */
  read(at: At): Promise<Result<SnapshotDetail | undefined>>;
  /** Where a file of a snapshot lies. */
  pathOf(snapshot: string, file: string): string;
  delete(name: string, subject: string | undefined): Promise<Result<{ deleted: string } | undefined>>;
}

const NOTE_LENGTH_MAX = 1000;
const BODY_BYTES_MAX = 16_384;
const RESERVATIONS_FILE = `${RESERVATIONS}.parquet`;
const ONE = '/snapshots/{name}';

/** Snapshots as a resource: they are taken, listed, fetched and deleted. */
export function snapshotRoutes({ snapshots, limits }: { snapshots: SnapshotActions; limits: FrontLimits }): readonly Route[] {
  return [
    { ...SNAPSHOTS, method: 'GET', path: '/snapshots', about: ABOUT.list, handler: (exchange) => listSnapshots(snapshots, exchange) },
    {
      ...SNAPSHOTS,
      method: 'POST',
      path: '/snapshots',
      about: ABOUT.take,
      timeLimitMs: limits.snapshotTimeLimitMs,
      handler: (exchange) => takeSnapshot(snapshots, exchange),
    },
    { ...SNAPSHOTS, method: 'GET', path: ONE, about: ABOUT.read, handler: (exchange, call) => readSnapshot(snapshots, exchange, call) },
    { ...SNAPSHOTS, method: 'DELETE', path: ONE, about: ABOUT.delete, handler: (exchange, call) => deleteSnapshot(snapshots, exchange, call) },
    { ...SNAPSHOTS, method: 'GET', path: `${ONE}/files/{file}`, about: ABOUT.file, handler: (exchange, call) => fetchFile(snapshots, exchange, call) },
  ];
}

const SNAPSHOTS = { access: 'snapshots', parameters: [] } as const;

async function listSnapshots(snapshots: SnapshotActions, exchange: Exchange): Promise<void> {
  const list = await snapshots.list();
  if (!list.ok) return exchange.fail(list.fault);
  exchange.reply({ status: 200, headers: [JSON_TYPE], body: JSON.stringify(list.value) });
}

async function takeSnapshot(snapshots: SnapshotActions, exchange: Exchange): Promise<void> {
  const note = await noteIn(exchange);
  if (!note.ok) return exchange.fail(note.fault);
  const taken = await snapshots.take(note.value);
  if (!taken.ok) return exchange.fail(taken.fault);
  exchange.reply({ status: 201, headers: [JSON_TYPE, ['Location', `/snapshots/${taken.value.name}`]], body: JSON.stringify(taken.value) });
}

async function readSnapshot(snapshots: SnapshotActions, exchange: Exchange, { name }: Call): Promise<void> {
  const found = await snapshotNamed(snapshots, name);
  if (!found.ok) return exchange.fail(found.fault);
  exchange.reply({ status: 200, headers: [JSON_TYPE, ['ETag', `"${found.value.checksum}"`]], body: JSON.stringify(found.value) });
}

/** What is deleted is named exactly: "latest" may be another one by the time that it is read. */
async function deleteSnapshot(snapshots: SnapshotActions, exchange: Exchange, { name, caller }: Call): Promise<void> {
  if (parseAt(name)?.type !== 'snapshot') return exchange.fail({ code: 'invalid-id', detail: 'a snapshot is deleted by its whole name' });
  const deleted = await snapshots.delete(name, caller?.subject);
  if (!deleted.ok) return exchange.fail(deleted.fault);
  if (deleted.value === undefined) return exchange.fail({ code: 'not-found', detail: `there is no snapshot ${name}` });
  exchange.reply({ status: 204, headers: [] });
}

async function fetchFile(snapshots: SnapshotActions, exchange: Exchange, { name, file, caller }: Call): Promise<void> {
  // Whoever may look after snapshots may not therefore see who holds what.
  const refused = file === RESERVATIONS_FILE ? permits(caller, 'reservations') : undefined;
  if (refused !== undefined) return exchange.fail(refused, [INSUFFICIENT_SCOPE]);
  const found = await snapshotNamed(snapshots, name);
  if (!found.ok) return exchange.fail(found.fault);
  const snapshot = found.value.name;
  const described = found.value.files.find((candidate) => candidate.name === file);
  if (described === undefined) return exchange.fail({ code: 'not-found', detail: `the snapshot ${snapshot} has no such file to fetch` });
  const served = { ...described, path: snapshots.pathOf(snapshot, described.name), contentType: contentTypeOf(described.name) };
  await replyFile(exchange, served, `the snapshot ${snapshot} has just been deleted`);
}

async function snapshotNamed(snapshots: SnapshotActions, name: string): Promise<Result<SnapshotDetail>> {
  const at = parseAt(name);
  if (at === undefined) return fail('invalid-id', `a snapshot is named by ${AT_FORMS}`);
  const found = await snapshots.read(at);
  if (!found.ok) return found;
  return found.value === undefined ? fail('not-found', `there is no snapshot ${name}`) : done(found.value);
}

function contentTypeOf(file: string): string {
  if (file.endsWith('.parquet')) return 'application/vnd.apache.parquet';
  return file.endsWith('.json') ? 'application/json' : 'text/plain; charset=utf-8';
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
    if (name !== 'note') return refused(pointerInto('', name), 'is not known here');
    if (typeof note !== 'string' || note.length > NOTE_LENGTH_MAX) return refused('/note', `must be a text of at most ${NOTE_LENGTH_MAX} characters`);
    return done(note);
  }
  return done(undefined);
}

function refused(pointer: string, detail: string): Result<never> {
  return fail('invalid', `the body ${detail}`, [{ pointer, detail }]);
}
