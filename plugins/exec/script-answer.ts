/** What a script prints: `OK|ERROR [message]; <reservation id>`, on the last line that begins with one of the two words. */

export interface ScriptAnswer {
  readonly word: 'OK' | 'ERROR';
  readonly message: string;
  /** Empty when there is none. */
  readonly reservationId: string;
}

const ANSWER = /^(OK|ERROR)(?![A-Za-z0-9_-])(.*)$/;

/** undefined when no line is an answer. */
export function readAnswer(output: string): ScriptAnswer | undefined {
  const line = output
    .split('\n')
    .map((text) => text.trim())
    .findLast((text) => ANSWER.test(text));
  const [, word, rest = ''] = (line === undefined ? null : ANSWER.exec(line)) ?? [];
  if (word !== 'OK' && word !== 'ERROR') return undefined;
  const end = rest.lastIndexOf(';');
  if (end === -1) return { word, message: rest.trim(), reservationId: '' };
  return { word, message: rest.slice(0, end).trim(), reservationId: rest.slice(end + 1).trim() };
}
