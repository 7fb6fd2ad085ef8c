import type { Kind } from '../../schemas/kind.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import { etagOf, noneMatchFits } from './etag.ts';
import type { RequestHeaders } from './headers.ts';
import type { HttpResponse } from './transport.ts';

/**
 * The shortest way from a request to a record: a public GET by key is answered here, at once, with the bytes as they lie
 * in shared memory. Whatever is not plainly that is left to the ordinary way, which knows every rule.
 */

/** Two fixed headers in one call into the library: each call costs more than the text. */
const JSON_NOSNIFF = 'application/json\r\nX-Content-Type-Options: nosniff';

export class FastRead {
  readonly #view: RecordView;
  /** Path up to the record's key → kind. */
  readonly #kinds = new Map<string, string>();

  constructor(view: RecordView, kinds: readonly Kind[]) {
    this.#view = view;
    for (const kind of kinds) {
      for (const name of [kind.name, ...kind.aliases]) {
        this.#kinds.set(`/inventory/${name}/`, kind.name);
        this.#kinds.set(`/${name}/`, kind.name);
      }
    }
  }

  /** Whether the request has been answered. Only for a GET without query, body or flaw. */
  answer(res: HttpResponse, path: string, headers: RequestHeaders, requestId: string): boolean {
    const slash = path.lastIndexOf('/') + 1;
    const kind = this.#kinds.get(path.slice(0, slash));
    if (kind === undefined) return false;
    const location = this.#view.locationOf(kind, path.slice(slash));
    if (location === undefined) return false;
    const image = this.#view.imageAt(location);
    const etag = etagOf(image.revision);
    if (headers.ifNoneMatch !== undefined && noneMatchFits(headers.ifNoneMatch, etag)) {
      res.writeStatus('304 Not Modified').writeHeader('ETag', etag).writeHeader('X-Request-Id', requestId).endWithoutBody();
      return true;
    }
    res.writeHeader('Content-Type', JSON_NOSNIFF).writeHeader('ETag', etag).writeHeader('X-Request-Id', requestId).end(image.bytes);
    return true;
  }
}
