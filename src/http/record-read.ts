import type { Kind } from '../../schemas/kind.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import { NOWHERE } from '../protocol/slab.ts';
import { naturalKeysOf } from '../protocol/unique-values.ts';
import { atIn, type PastReads } from './as-of.ts';
import { etagOf, noneMatchFits } from './etag.ts';
import type { Exchange } from './exchange.ts';
import type { FrontLog } from './front-log.ts';
import { readPastRecord } from './past-read.ts';
import { JSON_TYPE, recordReply } from './record-answer.ts';
import { noRecord, recordName } from './record-name.ts';
import type { Call } from './route.ts';
import type { Bytes } from './transport.ts';

export interface ReadContext {
  readonly owner: OwnerClient;
  readonly view: RecordView;
  readonly history: PastReads;
  readonly log: FrontLog;
}

/** GET of one record by its key, or by another name that only it has; now, or as it was. */
export function readRecord(context: ReadContext, exchange: Exchange, kind: Kind, { name: given, query }: Call): void | Promise<void> {
  const at = atIn(query);
  if (!at.ok) return exchange.fail(at.fault);
  if (at.value !== undefined) return readPastRecord(context, exchange, kind, given, at.value);
  const { owner, view } = context;
  const name = recordName(kind, given);
  if (!name.ok) return exchange.fail(name.fault);
  // Before the look: a name that was missed may have come with the last ones of a start.
  const { isIndexed } = view;
  const location = view.locate(kind.name, name.value, naturalKeysOf(kind));
  if (location >= 0) {
    const image = view.imageAt(location);
    return replyRecord(exchange, image.bytes, image.revision);
  }
  // When all names are here the owner knows no more.
  if (location === NOWHERE && isIndexed) return exchange.fail(noRecord(kind, name.value).fault);
  return askOwner(owner, exchange, kind, name.value);
}

async function askOwner(owner: OwnerClient, exchange: Exchange, kind: Kind, name: string): Promise<void> {
  const found = await owner.query('record.read', { kind: kind.name, name }, () => !exchange.aborted);
  if (!found.ok) return exchange.fail(found.fault);
  if (found.value === undefined) return exchange.fail(noRecord(kind, name).fault);
  replyRecord(exchange, found.value.image, found.value.revision);
}

function replyRecord(exchange: Exchange, bytes: Bytes, revision: number): void {
  const etag = etagOf(revision);
  const { ifNoneMatch } = exchange.head.headers;
  const isKnown = ifNoneMatch !== undefined && noneMatchFits(ifNoneMatch, etag);
  exchange.reply(isKnown ? { status: 304, headers: [['ETag', etag]] } : recordReply(200, bytes, revision));
}

/** GET of what is otherwise write-only, for who may; every time with a line in the log. */
export async function readSecrets({ owner, log }: ReadContext, exchange: Exchange, kind: Kind, call: Call): Promise<void> {
  const name = recordName(kind, call.name);
  if (!name.ok) return exchange.fail(name.fault);
  const secrets = await owner.query('secrets.read', { kind: kind.name, name: name.value });
  log.info(
    { kind: kind.name, name: name.value, subject: call.caller?.subject, requestId: exchange.head.requestId, granted: secrets.ok },
    'secrets were asked for',
  );
  if (!secrets.ok) return exchange.fail(secrets.fault);
  if (secrets.value === undefined) return exchange.fail(noRecord(kind, call.name).fault);
  exchange.reply({ status: 200, headers: [JSON_TYPE], body: JSON.stringify(secrets.value) });
}
