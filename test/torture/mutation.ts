/** One defect, which the loader puts into the compiled text of one file: a harness that lives with it proves nothing. */
export interface Mutation {
  /** What the program does wrong then. */
  readonly name: string;
  /** Of the compiled tree. */
  readonly file: string;
  /** Exactly this, which is there once. */
  readonly text: string;
  readonly replacement: string;
}
