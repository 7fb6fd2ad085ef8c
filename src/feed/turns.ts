/**
 * Work of many in turns of the event loop: so many bytes in each, then others get theirs. First come, first served.
 * Without it a crowd that comes back to one place is sent all of the journal in a single turn: what one of them has waited
 * for is at hand for all the others at once.
 */
export class Turns {
  readonly #bytesMax: number;
  #bytesLeft: number;
  readonly #waiting: { readonly bytes: number; readonly begin: () => void }[] = [];
  #next: NodeJS.Immediate | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#bytesLeft = bytesMax;
  }

  /** Resolves when it is time for so many bytes. The last of a turn may go beyond it, or what is large would never come. */
  async take(bytes: number): Promise<void> {
    this.#next ??= setImmediate(() => this.#begin());
    if (this.#waiting.length > 0 || this.#bytesLeft <= 0) {
      await new Promise<void>((begin) => this.#waiting.push({ bytes, begin }));
    } else this.#bytesLeft -= bytes;
  }

  #begin(): void {
    this.#bytesLeft = this.#bytesMax;
    let count = 0;
    for (; count < this.#waiting.length && this.#bytesLeft > 0; count++) this.#bytesLeft -= this.#waiting[count]?.bytes ?? 0;
    for (const { begin } of this.#waiting.splice(0, count)) begin();
    this.#next = count === 0 ? undefined : setImmediate(() => this.#begin());
  }
}
