import { strict as assert } from 'node:assert';
import { sendKept, writeChunks } from '../chunks.ts';
import type { HttpResponse, UpgradeContext } from '../transport.ts';
import { endWhole } from '../whole-body.ts';
import { HeldSocket } from './held-socket.ts';
import type { Mailbox } from './mailbox.ts';
import { BODY_WINDOW_BYTES, type FromThread } from './messages.ts';

/**
 * A request that a front thread has handed over to the main thread, and the connection that it came on: what the main
 * thread says to it is done here, and what happens to it is told there.
 */

/** The thread, as far as its requests are concerned. */
export interface Holder {
  readonly mailbox: Mailbox<FromThread>;
  /** The main thread has begun to answer a request of this address, or there is nobody to answer to any more. */
  answered(address: string): void;
  over(id: number): void;
  upgraded(id: number, socket: HeldSocket): void;
  /** So many more bytes of this address's bodies are under way to the main thread, or fewer. */
  unread(address: string, bytes: number): void;
}

export interface HeldRequest {
  /** Whom it is counted for. */
  readonly address: string;
  /** Listening for it must begin before the library's handler returns. */
  readonly hasBody: boolean;
  readonly context: UpgradeContext | undefined;
}

export class HeldResponse {
  readonly #holder: Holder;
  readonly #id: number;
  readonly #res: HttpResponse;
  readonly #address: string;
  readonly #context: UpgradeContext | undefined;
  #isWaiting = true;
  #isOver = false;
  #unreadBytes = 0;
  #isPausedByReader = false;
  #isPaused = false;
  /** Of chunks that the library keeps. */
  #untakenBytes = 0;
  /** Of a sized answer, what the network has not taken. */
  readonly #parts: Buffer[] = [];
  #totalBytes = 0;
  #listensForRoom = false;

  constructor(holder: Holder, id: number, res: HttpResponse, { address, hasBody, context }: HeldRequest) {
    this.#holder = holder;
    this.#id = id;
    this.#res = res;
    this.#address = address;
    this.#context = context;
    res.onAborted(() => this.#gone());
    if (hasBody) res.onData((chunk, isLast) => this.#takeBody(chunk, isLast));
  }

  reply(status: string, headers: readonly string[], body: Uint8Array | null, length: number | null, isLast: boolean): void {
    const res = this.#res;
    this.#finish();
    this.#letRunOut();
    res.cork(() => {
      writeHead(res, status, headers);
      if (body !== null) {
        if (isLast) res.end(body, true);
        else endWhole(res, body, ignore);
      } else if (length !== null) res.endWithoutBody(length, isLast);
      // With an argument, undefined too, the library tells a length.
      else if (isLast) res.endWithoutBody(undefined, true);
      else res.endWithoutBody();
    });
  }

  head(status: string, headers: readonly string[]): void {
    this.#answer();
    this.#res.cork(() => writeHead(this.#res, status, headers));
  }

  chunk(bytes: Uint8Array): void {
    this.#listenForRoom();
    const isTaken = writeChunks(this.#res, bytes);
    this.#untakenBytes += bytes.length;
    if (isTaken) this.#tellTaken();
  }

  part(bytes: Uint8Array, totalBytes: number): void {
    this.#answer();
    this.#listenForRoom();
    this.#totalBytes = totalBytes;
    this.#parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (this.#parts.length === 1) this.#res.cork(() => this.#pushParts());
  }

  end(isLast: boolean): void {
    this.#finish();
    this.#letRunOut();
    this.#res.cork(() => {
      if (isLast) this.#res.end(undefined, true);
      else this.#res.end();
    });
  }

  cut(): void {
    this.#finish();
    this.#res.close();
  }

  read(bytes: number): void {
    this.#unreadBytes -= bytes;
    this.#holder.unread(this.#address, -bytes);
    this.#pauseOrResume();
  }

  pause(isPaused: boolean): void {
    this.#isPausedByReader = isPaused;
    this.#pauseOrResume();
  }

  upgrade(key: string, protocol: string, extensions: string): void {
    const context = this.#context;
    assert(context !== undefined, 'the client asks for a WebSocket');
    this.#finish();
    const socket = new HeldSocket(this.#holder, this.#id);
    this.#holder.upgraded(this.#id, socket);
    // Not corked: outside of its own handler the library then loses the order of the handshake and the first frames now and then.
    this.#res.upgrade(socket.events, key, protocol, extensions, context);
  }

  #takeBody(chunk: ArrayBuffer, isLast: boolean): void {
    if (this.#isOver) return;
    // A copy: the library takes its memory back when this returns.
    const bytes = Buffer.from(new Uint8Array(chunk));
    this.#holder.mailbox.post(['body', this.#id, bytes, isLast], bytes.length);
    if (isLast) return;
    this.#unreadBytes += bytes.length;
    this.#holder.unread(this.#address, bytes.length);
    this.#pauseOrResume();
  }

  #pauseOrResume(): void {
    const isPaused = this.#isPausedByReader || this.#unreadBytes > BODY_WINDOW_BYTES;
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#res.pause();
    else this.#res.resume();
  }

  /** What is left of the body is nobody's any more, but behind it stands the connection's next request. */
  #letRunOut(): void {
    if (this.#isPaused) this.#res.resume();
    this.#isPaused = false;
  }

  #listenForRoom(): void {
    if (this.#listensForRoom) return;
    this.#listensForRoom = true;
    this.#res.onWritable(() => {
      if (this.#parts.length > 0) return this.#pushParts();
      sendKept(this.#res);
      // What the network has taken of it nobody tells: who waits for that has to hear that there is room.
      if (this.#untakenBytes > 0) this.#holder.mailbox.post(['taken', this.#id, 0, true]);
      return true;
    });
  }

  /** Whether the network takes more. */
  #pushParts(): boolean {
    let isTaken = true;
    while (isTaken && this.#parts.length > 0) {
      const part = this.#parts[0] as Buffer;
      const offset = this.#res.getWriteOffset();
      // An answer's last part ends our hold on the connection.
      if (offset + part.length >= this.#totalBytes) this.#letRunOut();
      const [hasRoom, isComplete] = this.#res.tryEnd(part, this.#totalBytes);
      if (isComplete) {
        this.#finish();
        return true;
      }
      isTaken = hasRoom;
      const takenBytes = this.#res.getWriteOffset() - offset;
      this.#untakenBytes += takenBytes;
      if (takenBytes >= part.length) this.#parts.shift();
      else this.#parts[0] = part.subarray(takenBytes);
    }
    this.#tellTaken();
    return isTaken;
  }

  #tellTaken(): void {
    if (this.#untakenBytes === 0) return;
    this.#holder.mailbox.post(['taken', this.#id, this.#untakenBytes, false]);
    this.#untakenBytes = 0;
  }

  #gone(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#holder.mailbox.post(['gone', this.#id]);
  }

  #answer(): void {
    if (this.#isWaiting) this.#holder.answered(this.#address);
    this.#isWaiting = false;
  }

  #finish(): void {
    this.#answer();
    this.#isOver = true;
    this.#holder.unread(this.#address, -this.#unreadBytes);
    this.#unreadBytes = 0;
    this.#holder.over(this.#id);
  }
}

function writeHead(res: HttpResponse, status: string, headers: readonly string[]): void {
  if (status !== '') res.writeStatus(status);
  for (let index = 0; index < headers.length; index += 2) res.writeHeader(headers[index] as string, headers[index + 1] as string);
}

/** The main thread was told that it has ended when it began. */
function ignore(): void {}
