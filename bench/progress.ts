/** Says what goes on meanwhile: standard output is for figures. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}
