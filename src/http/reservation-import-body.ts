import { done, fail, type Result } from '../faults.ts';
import { ArraySplitter, type ItemSplitter } from './item-splitter.ts';

/**
 * Cuts `{"list":[…]}`, as NodeAgent2 answers `GET /schedule`, into the elements of its one list. What stands around the
 * list is small and comes first and last, so the array between is cut as it comes, and is never in memory whole.
 */
export class ScheduleSplitter implements ItemSplitter {
  readonly #list: ArraySplitter;
  /** What came before the list; undefined once the list has begun. */
  #head: Buffer | undefined = Buffer.alloc(0);
  /** A brace and blanks behind it: the end of the body, if nothing follows. */
  #tail: Buffer = Buffer.alloc(0);

  constructor(itemBytesMax: number) {
    this.#list = new ArraySplitter(itemBytesMax);
  }

  push(piece: Buffer): Result<readonly Buffer[]> {
    let rest = piece;
    if (this.#head !== undefined) {
      const head = Buffer.concat([this.#head, piece]);
      const open = head.indexOf(OPEN_ARRAY);
      if (open === -1 && head.length <= HEAD_BYTES_MAX) {
        this.#head = head;
        return done([]);
      }
      if (open === -1 || open > HEAD_BYTES_MAX || !HEAD.test(head.toString('latin1', 0, open))) return malformed();
      this.#head = undefined;
      rest = head.subarray(open);
    }
    const all = this.#tail.length === 0 ? rest : Buffer.concat([this.#tail, rest]);
    const end = endOf(all);
    if (all.length - end > TAIL_BYTES_MAX) return malformed();
    this.#tail = Buffer.from(all.subarray(end));
    return this.#list.push(all.subarray(0, end));
  }

  end(): Result<readonly Buffer[]> {
    if (this.#head !== undefined || this.#tail.toString('latin1').trim() !== '}') return malformed();
    return this.#list.end();
  }
}

const OPEN_ARRAY = 0x5b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;
/** Room for blanks around three characters and a word. */
const HEAD_BYTES_MAX = 256;
const HEAD = /^[ \t\r\n]*\{[ \t\r\n]*"list"[ \t\r\n]*:[ \t\r\n]*$/;

const TAIL_BYTES_MAX = 65_536;

/** The place of a brace that only blanks follow; the length when something else comes last. */
function endOf(bytes: Buffer): number {
  let at = bytes.length - 1;
  // Every blank of JSON is at most a space, and everything else in JSON is more.
  while (at >= 0 && (bytes[at] as number) <= SPACE) at -= 1;
  return bytes[at] === CLOSE_OBJECT ? at : bytes.length;
}

function malformed(): Result<never> {
  return fail('malformed-json', 'the body must be {"list": […]}, as GET /schedule answers it');
}
