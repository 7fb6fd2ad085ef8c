import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';

/** How the plugin speaks to its substrate: JSON over a bounded number of connections that are kept. */

export type SubstrateAnswer =
  | { readonly type: 'answered'; readonly status: number; readonly body: Readonly<Record<string, unknown>> }
  /** The substrate was never reached: nothing can have been done. */
  | { readonly type: 'not-sent'; readonly message: string }
  /** The connection ended before the answer: what was done is not known. */
  | { readonly type: 'lost'; readonly message: string };

const ANSWER_MAX_BYTES = 16_777_216;
/** Before any of these, no byte of a request can have been read. */
const NOT_SENT_CODES: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

export class SubstrateClient {
  readonly #base: URL;
  readonly #agent: Agent;

  constructor(url: string, connectionsMax: number) {
    this.#base = new URL(url);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  }

  /** @param path encoded. Rejects only when the signal is raised. */
  post(path: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<SubstrateAnswer> {
    const bytes = Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          agent: this.#agent,
          method: 'POST',
          host: this.#base.hostname,
          port: this.#base.port === '' ? 80 : Number(this.#base.port),
          path: `${this.#base.pathname.replace(/\/$/, '')}${path}`,
          headers: { 'content-type': 'application/json', 'content-length': bytes.length },
          signal,
        },
        (response) => {
          collect(response).then(resolve, failed);
        },
      );
      const failed = (error: unknown): void => {
        const { code, message } = error as NodeJS.ErrnoException;
        if (signal.aborted) reject(error);
        else resolve({ type: NOT_SENT_CODES.has(code ?? '') ? 'not-sent' : 'lost', message });
      };
      request.once('error', failed);
      request.end(bytes);
    });
  }
}

async function collect(response: IncomingMessage): Promise<SubstrateAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += (chunk as Buffer).length;
    if (length > ANSWER_MAX_BYTES) throw new Error(`the substrate's answer is longer than ${ANSWER_MAX_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error("the substrate's answer is no JSON object");
  return { type: 'answered', status: response.statusCode ?? 0, body: value as Readonly<Record<string, unknown>> };
}
