/** Why a command did not do what it was asked to; becomes the exit code and one text on standard error. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = 'CliFailure';
    this.exitCode = exitCode;
  }
}

/** `differs` is no failure: `holdfast diff --exit-code` found something. */
export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3, differs: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
