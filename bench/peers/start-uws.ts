import { rmSync, writeFileSync } from 'node:fs';
import { type Child, startProgram } from '../children.ts';
import type { Answer } from '../http.ts';
import { UWS_PROGRAM, type UwsTask } from './uws.ts';

/** A bare uWebSockets.js that answers as the server did, and where it listens. */
export async function startUws(like: Answer, bodyFile: string): Promise<{ readonly child: Child; readonly port: number }> {
  writeFileSync(bodyFile, like.body);
  const headers = Object.entries(like.headers).flatMap(([name, value]) =>
    typeof value === 'string' && !LIBRARY_HEADERS.has(name) ? [[name, value] as const] : [],
  );
  const task: UwsTask = { bodyFile, headers };
  const child = startProgram(UWS_PROGRAM, task);
  const port = Number(await child.line((line) => /^\d+$/.test(line)));
  rmSync(bodyFile);
  return { child, port };
}

/** What the library itself writes. */
const LIBRARY_HEADERS: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'date', 'connection', 'keep-alive', 'uwebsockets']);
