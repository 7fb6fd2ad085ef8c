import { basename, dirname } from 'node:path';
import { decodeFrame } from '../../../src/store/frame.ts';
import { decodeFrameHeader, FRAME_HEADER_BYTES, isSegmentName, SEGMENT_HEADER_BYTES } from '../../../src/store/journal-format.ts';
import { bytesIn, type TraceStep } from './trace.ts';

/**
 * Reads the trace of a server's system calls and says where something was told before it was safe. A change is safe when all
 * bytes of its frame had been written before an `fdatasync` of that segment began that came back without an error, and
 * when the segment's name in its folder was synced. The tracer stops a thread at each end of a call, so what one
 * thread does because of another one always stands behind it.
 */

export interface OrderFound {
  /** Sentences, in the order of the trace. */
  readonly wrong: readonly string[];
  /** Answers that were compared, by request id. */
  readonly answers: ReadonlySet<string>;
  /** Events of the feed that were compared. */
  readonly events: number;
  readonly syncs: number;
  readonly snapshots: number;
}

/** What an answer promises: a change; or the deletion of a key. */
export type Promised = { readonly sequence: number } | { readonly deleted: string } | { readonly snapshot: true };

const WRITES: ReadonlySet<string> = new Set(['write', 'pwrite64', 'writev', 'pwritev', 'ftruncate']);
const SENDS: ReadonlySet<string> = new Set(['write', 'writev', 'sendto', 'sendmsg']);
const SYNCS: ReadonlySet<string> = new Set(['fdatasync', 'fsync']);
const RENAMES: ReadonlySet<string> = new Set(['rename', 'renameat', 'renameat2']);

class Segment {
  #bytes = Buffer.alloc(0);
  #parsed = SEGMENT_HEADER_BYTES;
  /** Where each change's frame ends, by sequence. */
  readonly ends = new Map<number, number>();
  readonly deletions = new Map<string, number>();
  /** Up to where this process has written. */
  written = 0;

  write(position: number, bytes: Buffer): void {
    const end = position + bytes.length;
    if (this.#bytes.length < end) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(end - this.#bytes.length)]);
    // What was there before this process began is not in its trace.
    if (this.written === 0 && position > SEGMENT_HEADER_BYTES) this.#parsed = position;
    bytes.copy(this.#bytes, position);
    this.written = end;
    for (;;) {
      const frame = decodeFrameHeader(this.#bytes, this.#parsed);
      if (frame === undefined || this.#parsed + FRAME_HEADER_BYTES + frame.payloadBytes > this.written) return;
      const start = this.#parsed + FRAME_HEADER_BYTES;
      this.#parsed = start + frame.payloadBytes;
      const { changes } = decodeFrame(this.#bytes.subarray(start, this.#parsed));
      for (const [index, { key, image }] of changes.entries()) {
        this.ends.set(frame.firstSequence + index, this.#parsed);
        if (image === null) this.deletions.set(key, frame.firstSequence + index);
      }
    }
  }
}

/**
 * @param promised what each acknowledged request was told, by its request id.
 * @param safeBefore changes up to there are from before this process, and safe once the last segment was synced again.
 */
export function checkOrder(steps: Iterable<TraceStep>, promised: ReadonlyMap<string, Promised>, safeBefore: number): OrderFound {
  const check = new Check(promised, safeBefore);
  for (const step of steps) check.take(step);
  return check.found();
}

class Check {
  readonly #promised: ReadonlyMap<string, Promised>;
  readonly #safeBefore: number;
  readonly #segments = new Map<string, Segment>();
  /** How many bytes of each file are on disk; of a sync under way, how many will be. */
  readonly #syncing = new Map<string, number>();
  readonly #synced = new Map<string, number>();
  /** Of all files but segments: written to since the last sync began. */
  readonly #dirty = new Set<string>();
  /** Segments that were there when the process began. */
  readonly #foundSegments = new Set<string>();
  /** Folders in which a name has come or gone since they were synced. */
  readonly #changedFolders = new Map<string, string>();
  readonly #wrong: string[] = [];
  readonly #answers = new Set<string>();
  readonly #deletions = new Map<string, number>();
  #events = 0;
  #syncs = 0;
  #snapshots = 0;

  constructor(promised: ReadonlyMap<string, Promised>, safeBefore: number) {
    this.#promised = promised;
    this.#safeBefore = safeBefore;
  }

  found(): OrderFound {
    return { wrong: this.#wrong, answers: this.#answers, events: this.#events, syncs: this.#syncs, snapshots: this.#snapshots };
  }

  take(step: TraceStep): void {
    const { call, phase, path, args, result } = step;
    if (call === 'openat' && phase === 'end') this.#opened(path, args);
    else if (SYNCS.has(call)) this.#sync(phase, path, result);
    else if (RENAMES.has(call)) this.#rename(phase, args, result);
    else if (path.startsWith('socket:') || path.startsWith('TCP')) {
      if (SENDS.has(call) && phase === 'begin') this.#sent(bytesIn(args).toString('latin1'));
    } else if (WRITES.has(call)) this.#written(step);
  }

  #opened(path: string, args: string): void {
    if (isSegmentName(basename(path)) && !args.includes('O_CREAT')) this.#foundSegments.add(path);
    if (args.includes('O_CREAT') && path !== '') this.#changedFolders.set(dirname(path), `${basename(path)} was made`);
  }

  #written({ call, phase, path, args, result }: TraceStep): void {
    if (!isSegmentName(basename(path))) {
      // From its begin on: a sync that ends in between may have missed it.
      this.#dirty.add(path);
      return;
    }
    if (call !== 'pwrite64' || phase !== 'end' || result < 0) return;
    const position = Number(/, (\d+)\) += \d+[^=]*$/.exec(args)?.[1] ?? 0);
    const segment = this.#segments.get(path) ?? new Segment();
    this.#segments.set(path, segment);
    segment.write(position, bytesIn(args).subarray(0, result));
    for (const [key, sequence] of segment.deletions) this.#deletions.set(key, sequence);
  }

  #sync(phase: TraceStep['phase'], path: string, result: number): void {
    if (phase === 'begin') {
      this.#syncing.set(path, this.#segments.get(path)?.written ?? 0);
      this.#dirty.delete(path);
      return;
    }
    if (result !== 0) return;
    this.#syncs += 1;
    this.#synced.set(path, Math.max(this.#synced.get(path) ?? 0, this.#syncing.get(path) ?? 0));
    this.#changedFolders.delete(path);
  }

  #rename(phase: TraceStep['phase'], args: string, result: number): void {
    const [from = '', to = ''] = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text = '']) =>
      Buffer.from(text.replaceAll('\\x', ''), 'hex').toString(),
    );
    if (phase === 'begin') {
      if (!basename(from).startsWith('.tmp-')) return;
      for (const path of this.#dirty) if (dirname(path) === from) this.#wrong.push(`${path} was not synced before its folder was renamed`);
      const changed = this.#changedFolders.get(from);
      if (changed !== undefined) this.#wrong.push(`${from} was not synced before it was renamed: ${changed}`);
      return;
    }
    if (result !== 0) return;
    if (basename(from).startsWith('.tmp-')) this.#snapshots += 1;
    this.#changedFolders.set(dirname(to), `${basename(to)} was renamed`);
  }

  /** Everything that leaves the server: answers, and events of the feed. */
  #sent(text: string): void {
    for (const [head] of text.matchAll(/HTTP\/1\.1 2\d\d .*?\r\n\r\n/gs)) {
      const id = /\r\nX-Request-Id: (\S+)\r\n/i.exec(head)?.[1] ?? '';
      const etag = /\r\nETag: "(\d+)"\r\n/i.exec(head)?.[1];
      if (etag !== undefined) this.#safe(Number(etag), `the answer to ${id}`);
      const promised = this.#promised.get(id);
      if (promised === undefined) continue;
      this.#answers.add(id);
      if ('sequence' in promised) this.#safe(promised.sequence, `the answer to ${id}`);
      else if ('deleted' in promised) this.#safe(this.#deletions.get(promised.deleted) ?? Number.NaN, `the answer to the deletion ${id}`);
      else
        for (const [path, why] of this.#changedFolders)
          if (basename(path) === 'snapshots') this.#wrong.push(`the answer to ${id} left before ${path} was synced: ${why}`);
    }
    for (const [, sequence] of text.matchAll(/"sequence":"(\d{16})","datacontenttype"/g)) {
      this.#events += 1;
      this.#safe(Number(sequence), 'an event');
    }
  }

  #safe(sequence: number, what: string): void {
    if (sequence <= this.#safeBefore) {
      const last = [...this.#foundSegments].sort().at(-1);
      if (last !== undefined && !this.#synced.has(last))
        this.#wrong.push(`${what} has change ${sequence} of before the start, and ${last} was not synced again`);
      return;
    }
    for (const [path, segment] of this.#segments) {
      const end = segment.ends.get(sequence);
      if (end === undefined) continue;
      if ((this.#synced.get(path) ?? 0) < end) this.#wrong.push(`${what} left before change ${sequence} was synced`);
      const changed = this.#changedFolders.get(dirname(path));
      if (changed !== undefined) this.#wrong.push(`${what} left before ${dirname(path)} was synced: ${changed}`);
      return;
    }
    this.#wrong.push(`${what} left before change ${sequence} was written`);
  }
}
