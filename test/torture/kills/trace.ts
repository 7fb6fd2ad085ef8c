/** The lines of `strace -f -y -xx`, as calls: in the order in which the kernel was entered and left, whatever thread it was. */

export interface TraceStep {
  readonly call: string;
  readonly phase: 'begin' | 'end';
  /** The path behind the first argument, or of an `openat` that which it opened. */
  readonly path: string;
  /** Of a begun call: its arguments as they stand there. */
  readonly args: string;
  /** Of an ended one; failed ones have -1. */
  readonly result: number;
}

const BEGUN = /^(\d+) +(\w+)\((.*)$/s;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/s;
const UNFINISHED = ' <unfinished ...>';

export function* traceSteps(lines: Iterable<string>): Generator<TraceStep> {
  const open = new Map<string, { call: string; args: string }>();
  for (const line of lines) {
    const resumed = RESUMED.exec(line);
    if (resumed !== null) {
      const [, thread = '', call = '', rest = ''] = resumed;
      const begun = open.get(thread);
      open.delete(thread);
      if (begun?.call === call) yield ended(call, begun.args + rest);
      continue;
    }
    const [, thread = '', call = '', rest = ''] = BEGUN.exec(line) ?? [];
    if (call === '') continue;
    const isWhole = !rest.endsWith(UNFINISHED);
    const args = isWhole ? rest : rest.slice(0, -UNFINISHED.length);
    yield { call, phase: 'begin', path: pathIn(call, args), args, result: 0 };
    if (isWhole) yield ended(call, args);
    else open.set(thread, { call, args });
  }
}

/** The bytes of the first text among the arguments, which `-xx` tells in hexadecimal digits. */
export function bytesIn(args: string): Buffer {
  // `writev` and `sendmsg` have several.
  const texts = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text = '']) => text.replaceAll('\\x', ''));
  return Buffer.from(texts.join(''), 'hex');
}

function ended(call: string, args: string): TraceStep {
  const result = Number(/\) += (-?\d+)[^=]*$/s.exec(args)?.[1] ?? -1);
  return { call, phase: 'end', path: pathIn(call, args), args, result };
}

function pathIn(call: string, args: string): string {
  if (call === 'openat') return plain(/\) += \d+<((?:[^>\\]|\\.)*)>/.exec(args)?.[1] ?? '');
  return plain(/^\d+<((?:[^>\\]|\\.)*)>/.exec(args)?.[1] ?? '');
}

/** With `-xx` even paths are told so. */
function plain(text: string): string {
  return text.includes('\\x') ? Buffer.from(text.replaceAll('\\x', ''), 'hex').toString() : text;
}
