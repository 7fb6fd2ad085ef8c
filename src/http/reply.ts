import type { Bytes } from './transport.ts';

/** One whole answer, as plain data. */
export interface Reply {
  readonly status: number;
  /** Fixed texts and values that were checked: nothing that a caller wrote may come here as it is. */
  readonly headers: Headers;
  readonly body?: Bytes | string;
}

export type Headers = readonly (readonly [name: string, value: string])[];
