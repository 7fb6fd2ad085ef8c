import type { Kind } from '../../schemas/kind.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import { etagOf, noneMatchFits } from './etag.ts';
import type { RouteCounts } from './front-counts.ts';
import type { RequestHeaders } from './headers.ts';
import type { HttpResponse } from './transport.ts';
import { endLater } from './whole-body.ts';

/**
 * The shortest way from a request to a record: a public GET by key is answered here, at once, with the bytes as they lie
 * in shared memory. Whatever is not plainly that is left to the ordinary way, which knows every rule.
 */

/** Two fixed headers in one call into the library: each call costs more than the text. */
const NOSNIFF = '\r\nX-Content-Type-Options: nosniff';
const JSON_NOSNIFF = `application/json${NOSNIFF}`;

/** One read in so many is timed, and stands for all of them: asking for the time twice costs more than all the counting. */
const TIMED_EVERY = 16;

interface Place {
  readonly kind: string;
  readonly counts: RouteCounts;
}

export class FastRead {
  readonly #view: RecordView;
  /** By the path up to the record's key. */
  readonly #places = new Map<string, Place>();
  #untilTimed = TIMED_EVERY;

  /** @param countsAt where reads of one record are counted, by what stands before the name of the kind. */
  constructor(view: RecordView, kinds: readonly Kind[], countsAt: (base: string) => RouteCounts) {
    this.#view = view;
    for (const base of ['/inventory', '']) {
      const counts = countsAt(base);
      for (const kind of kinds) {
        for (const name of [kind.name, ...kind.aliases]) this.#places.set(`${base}/${name}/`, { kind: kind.name, counts });
      }
    }
  }

  /** Whether the request has been answered. Only for a GET without query, body or flaw. */
  answer(res: HttpResponse, path: string, headers: RequestHeaders, requestId: string): boolean {
    const slash = path.lastIndexOf('/') + 1;
    const place = this.#places.get(path.slice(0, slash));
    if (place === undefined) return false;
    const location = this.#view.locationOf(place.kind, path.slice(slash));
    if (location === undefined) return false;
    this.#untilTimed -= 1;
    const startedMs = this.#untilTimed === 0 ? performance.now() : 0;
    const image = this.#view.imageAt(location);
    const etag = etagOf(image.revision);
    if (headers.ifNoneMatch !== undefined && noneMatchFits(headers.ifNoneMatch, etag)) {
      res.writeStatus('304 Not Modified').writeHeader('ETag', `${etag}${NOSNIFF}`).writeHeader('X-Request-Id', requestId).endWithoutBody();
      place.counts.answered(304);
    } else {
      res.writeHeader('Content-Type', JSON_NOSNIFF).writeHeader('ETag', etag).writeHeader('X-Request-Id', requestId);
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
}

/** It was counted when it began, and nobody waits for its end. */
function ignore(): void {}
