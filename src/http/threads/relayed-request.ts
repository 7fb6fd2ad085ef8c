import type { HttpRequest } from '../transport.ts';
import type { RelayedHead } from './messages.ts';

/** The head of a request that came to a front thread. */
export class RelayedRequest implements HttpRequest {
  readonly #head: RelayedHead;

  constructor(head: RelayedHead) {
    this.#head = head;
  }

  getUrl(): string {
    return this.#head[3];
  }

  getCaseSensitiveMethod(): string {
    return this.#head[2];
  }

  getQuery(): string | undefined {
    return this.#head[4] ?? undefined;
  }

  forEach(visit: (name: string, value: string) => void): void {
    const headers = this.#head[7];
    for (let index = 0; index < headers.length; index += 2) visit(headers[index] as string, headers[index + 1] as string);
  }
}
