import type { Clock } from '../clock.ts';
import type { Exchange } from './exchange.ts';
import type { FrontLog } from './front-log.ts';

/**
 * The log's lines about requests: one for each write that was refused, and at level `debug` for every request. Anybody can
 * have writes refused, as fast as the network is: of one address, and of all, only so many are told in a second, and how
 * many there were besides, so that nobody fills the disk or buries the other lines.
 */

export const REFUSED_LINES_MAX = 100;
export const REFUSED_LINES_PER_ADDRESS_MAX = 20;
const STEP_MS = 1000;
/** A path may be long, and says in its beginning what was asked for. */
const PATH_CHARACTERS_MAX = 500;

export class RequestLog {
  readonly #log: FrontLog;
  readonly #clock: Clock;
  /** Lines since the last step. */
  readonly #byAddress = new Map<string, number>();
  #lines = 0;
  #untold = 0;
  #nextMs: number;

  constructor(log: FrontLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#nextMs = clock.monotonicMs() + STEP_MS;
  }

  /** The request has its answer, or the client is gone. */
  settled(exchange: Exchange, ms: number): void {
    const isRefused = isRefusedWrite(exchange);
    const isDebug = this.#log.isLevelEnabled('debug');
    if (!isDebug && !(isRefused && this.#mayTell(exchange.address))) return;
    const { method, path, requestId } = exchange.head;
    const fields = {
      method,
      path: path.length > PATH_CHARACTERS_MAX ? `${path.slice(0, PATH_CHARACTERS_MAX)}…` : path,
      status: exchange.status,
      ms: Math.round(ms * 100) / 100,
      requestId,
      ...(exchange.aborted ? { aborted: true } : {}),
    };
    if (isRefused) this.#log.info(fields, 'request');
    else this.#log.debug(fields, 'request');
  }

  /** To be called every now and then. @param isLast tells what there is, whether it is time or not. */
  flush(isLast = false): void {
    const nowMs = this.#clock.monotonicMs();
    if (!isLast && nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + STEP_MS;
    if (this.#untold > 0) this.#log.warn({ requests: this.#untold }, 'further writes were refused, too many to tell of each');
    this.#byAddress.clear();
    this.#lines = 0;
    this.#untold = 0;
  }

  #mayTell(address: string): boolean {
    const ofAddress = this.#byAddress.get(address) ?? 0;
    if (this.#lines >= REFUSED_LINES_MAX || ofAddress >= REFUSED_LINES_PER_ADDRESS_MAX) {
      this.#untold += 1;
      return false;
    }
    this.#lines += 1;
    this.#byAddress.set(address, ofAddress + 1);
    return true;
  }
}

/** Writes that went well have no line: it would cost a third of what the write itself does, and the journal has them all. */
function isRefusedWrite({ head: { method, headers }, status, isAgentCall }: Exchange): boolean {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || status < 400) return false;
  // Clients of HTTP Digest begin with a request without credentials: that is how they ask for a nonce.
  return !(isAgentCall && status === 401 && (headers.authorization ?? '') === '');
}
