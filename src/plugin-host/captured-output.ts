import { LineSplitter } from './line-splitter.ts';

/**
 * In a thread, what a plugin prints would land in the middle of the server's own output, which may be JSON lines. From here
 * on it becomes lines for the log instead.
 */
export function captureOutput(stream: NodeJS.WriteStream, onLine: (line: string) => void): void {
  const lines = new LineSplitter(onLine);
  const write = (chunk: string | Uint8Array, encodingOrDone?: unknown, done?: unknown): boolean => {
    lines.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk));
    const callback = typeof encodingOrDone === 'function' ? encodingOrDone : done;
    if (typeof callback === 'function') queueMicrotask(() => callback());
    return true;
  };
  Object.defineProperty(stream, 'write', { value: write });
}
