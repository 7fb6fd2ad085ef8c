import { columnAt, type Kind, type Unique } from '../../schemas/kind.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import { normalOf } from '../protocol/unique-values.ts';
import { AT } from './as-of.ts';
import { PLAIN_TEXT } from './fast-read.ts';
import type { RouteCounts } from './front-counts.ts';
import type { RequestHeaders } from './headers.ts';
import { CONTROLS, MISSING, SEQUENCE_HEADER } from './list-query.ts';
import { columnValue } from './list-value.ts';
import type { HttpResponse } from './transport.ts';
import { endWhole } from './whole-body.ts';

/**
 * The shortest way from a list that asks for one value of a unique property, and for nothing beside, to its record: as for
 * a read by key. Whatever is not plainly that, and a value that no record has, is left to the ordinary way.
 */

/** What of the view this needs to know. */
export type Holders = Pick<RecordView, 'locateHolders' | 'imageAt'>;

interface Place {
  readonly kind: string;
  /** By what stands before the value: a property that is unique, and the same text for the same value. */
  readonly uniques: ReadonlyMap<string, (value: string) => { readonly unique: Unique; readonly normal: string }>;
  readonly counts: RouteCounts;
}

const NO_PROPERTIES: ReadonlySet<string> = new Set([...CONTROLS, AT, MISSING]);
const REQUEST_ID = '\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: ';
const JSON_AND_SEQUENCE = `application/json\r\n${SEQUENCE_HEADER}: `;
const LONG_BYTES = 64 * 1024;
const [OPEN, CLOSE] = [Buffer.from('['), Buffer.from(']')] as const;

export class FastSearch {
  readonly #view: Holders;
  readonly #sequence: () => number | undefined;
  /** By the path of the list. */
  readonly #places = new Map<string, Place>();

  /**
   * @param sequence of the last change that the view has for sure
   * @param countsAt where lists are counted, by what stands before the name of the kind
   */
  constructor(view: Holders, kinds: readonly Kind[], sequence: () => number | undefined, countsAt: (base: string) => RouteCounts) {
    this.#view = view;
    this.#sequence = sequence;
    for (const base of ['/inventory', '']) {
      const counts = countsAt(base);
      for (const kind of kinds) {
        const place = { kind: kind.name, uniques: uniquesOf(kind), counts };
        for (const name of [kind.name, ...kind.aliases]) this.#places.set(`${base}/${name}`, place);
      }
    }
  }

  /** Whether the request has been answered. Only for a GET without body or flaw. */
  answer(res: HttpResponse, path: string, query: string, { accept }: RequestHeaders, requestId: string): boolean {
    const equals = query.indexOf('=');
    if (equals === -1) return false;
    const place = this.#places.get(path);
    const asked = place?.uniques.get(query.slice(0, equals));
    const value = query.slice(equals + 1);
    const sequence = this.#sequence();
    if (place === undefined || asked === undefined || sequence === undefined || !PLAIN_TEXT.test(value)) return false;
    if (accept !== undefined && accept !== '*/*' && accept !== 'application/json') return false;
    const startedMs = performance.now();
    const { unique, normal } = asked(value);
    const locations = this.#view.locateHolders(place.kind, unique, [normal]);
    if (locations?.length !== 1) return false;
    const { bytes } = this.#view.imageAt(locations[0] as number);
    // Of a long one there is a copy for each client, and so there may only be so many at once.
    if (bytes.length > LONG_BYTES) return false;
    res.onAborted(ignore);
    res.writeHeader('Content-Type', JSON_AND_SEQUENCE + sequence + REQUEST_ID + requestId);
    endWhole(res, Buffer.concat([OPEN, bytes, CLOSE]), ignore);
    place.counts.settled(200, performance.now() - startedMs, false);
    return true;
  }
}

function uniquesOf(kind: Kind): Place['uniques'] {
  const uniques = new Map<string, (value: string) => { unique: Unique; normal: string }>();
  for (const unique of kind.uniques) {
    const column = columnAt(kind, [unique.property])?.column;
    // What a list understands otherwise is no property there.
    if (column?.type !== 'string' || NO_PROPERTIES.has(unique.property)) continue;
    uniques.set(unique.property, (value) => ({ unique, normal: normalOf(unique, String(columnValue(column, value))) }));
  }
  return uniques;
}

/** It was counted when it began, and nobody waits for its end. */
function ignore(): void {}
