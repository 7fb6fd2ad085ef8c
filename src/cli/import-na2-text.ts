/** Text as it may stand in comments and in commands that `import-na2` prints. */

export function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
