import { keyHasSpellings } from '../../schemas/canonical.ts';
import type { Kind, Unique } from '../../schemas/kind.ts';
import { type RecordReader, UNSURE } from '../protocol/record-reader.ts';
import { naturalKeysOf } from '../protocol/unique-values.ts';
import { etagOf, noneMatchFits } from './etag.ts';
import type { RouteCounts } from './front-counts.ts';
import type { RequestHeaders } from './headers.ts';
import type { HttpResponse } from './transport.ts';
import { endLater } from './whole-body.ts';

/**
 * The shortest way from a request to a record: a public GET by key or natural key is answered here, at once, with the
 * bytes as they lie in shared memory. Whatever is not plainly that is left to the ordinary way, which knows every rule.
 */

/** All headers go into the library in one call, as the value of the first one: each call costs more than the text. */
const REQUEST_ID = '\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: ';
const JSON_AND_TAG = 'application/json\r\nETag: ';

/** One read in so many is timed, and stands for all of them: asking for the time twice costs more than all the counting. */
const TIMED_EVERY = 16;

/** Where records lie, as far as this needs to know. */
export type Images = Pick<RecordReader, 'locate' | 'imageAt'>;

/** What the names of a kind's records are. */
export type NamingKind = Pick<Kind, 'name' | 'aliases' | 'key' | 'keyIsServerSet' | 'columns' | 'naturalKeys' | 'uniques'>;

interface Place {
  readonly kind: string;
  readonly keyIsServerSet: boolean;
  readonly naturalKeys: readonly Unique[];
  readonly counts: RouteCounts;
}

/**
 * Names and values that mean in a URL what they mean decoded, and that no limit is near: xnames, MAC addresses, most others.
 */
export const PLAIN_TEXT: RegExp = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,254}$/;
/** What is as long may be an id in another spelling, which is not looked for here. */
const UUID_CHARACTERS = 36;

/** Whether nothing but its URL says what a GET asks for. */
export function isPlainRead({ flaw, contentLength, chunked, contentEncoding }: RequestHeaders): boolean {
  return flaw === undefined && contentLength === undefined && !chunked && contentEncoding === undefined;
}

export class FastRead {
  readonly #view: Images;
  /** By the path up to the record's key. */
  readonly #places = new Map<string, Place>();
  /** Most reads are of the kind that was read last. */
  #lastPrefix = '';
  #lastPlace: Place | undefined;
  #untilTimed = TIMED_EVERY;

  /** @param countsAt where reads of one record are counted, by what stands before the name of the kind. */
  constructor(view: Images, kinds: readonly NamingKind[], countsAt: (base: string) => RouteCounts) {
    this.#view = view;
    for (const base of ['/inventory', '']) {
      const counts = countsAt(base);
      for (const kind of kinds) {
        // A name that is another spelling of some record's key is that record's, whatever other values it is.
        const naturalKeys = keyHasSpellings(kind) ? [] : naturalKeysOf(kind);
        const place = { kind: kind.name, keyIsServerSet: kind.keyIsServerSet, naturalKeys, counts };
        for (const name of [kind.name, ...kind.aliases]) this.#places.set(`${base}/${name}/`, place);
      }
    }
  }

  /** Whether the request has been answered. Only for a GET without query, body or flaw. */
  answer(res: HttpResponse, path: string, headers: RequestHeaders, requestId: string): boolean {
    const place = this.#placeOf(path);
    if (place === undefined) return false;
    const location = this.#locate(place, path.slice(this.#lastPrefix.length));
    if (location < 0) return false;
    this.#untilTimed -= 1;
    const startedMs = this.#untilTimed === 0 ? performance.now() : 0;
    const image = this.#view.imageAt(location);
    const etag = etagOf(image.revision);
    if (headers.ifNoneMatch !== undefined && noneMatchFits(headers.ifNoneMatch, etag)) {
      res
        .writeStatus('304 Not Modified')
        .writeHeader('ETag', etag + REQUEST_ID + requestId)
        .endWithoutBody();
      place.counts.answered(304);
    } else {
      res.writeHeader('Content-Type', JSON_AND_TAG + etag + REQUEST_ID + requestId);
      const { bytes } = image;
      if (!res.tryEnd(bytes, bytes.length)[1]) endLater(res.onAborted(ignore), bytes, bytes.length, ignore);
      place.counts.answered(200);
    }
    if (this.#untilTimed === 0) {
      this.#untilTimed = TIMED_EVERY;
      place.counts.seconds.add((performance.now() - startedMs) / 1000, TIMED_EVERY);
    }
    return true;
  }

  #locate({ kind, keyIsServerSet, naturalKeys }: Place, name: string): number {
    const isKey = name.length === UUID_CHARACTERS;
    if (isKey && keyIsServerSet) return this.#view.locate(kind, name);
    if (!PLAIN_TEXT.test(name)) return UNSURE;
    return isKey ? this.#view.locate(kind, name) : this.#view.locate(kind, name, naturalKeys);
  }

  #placeOf(path: string): Place | undefined {
    const slash = path.lastIndexOf('/') + 1;
    if (slash !== this.#lastPrefix.length || !path.startsWith(this.#lastPrefix)) {
      this.#lastPrefix = path.slice(0, slash);
      this.#lastPlace = this.#places.get(this.#lastPrefix);
    }
    return this.#lastPlace;
  }
}

/** It was counted when it began, and nobody waits for its end. */
function ignore(): void {}
