import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { messageOf } from '../../faults.ts';
import { JsonLineReader, jsonLine } from '../../plugin-host/json-lines.ts';
import { LineBudget } from '../../plugin-host/line-budget.ts';
import { LineSplitter } from '../../plugin-host/line-splitter.ts';
import type { LogLevel, PluginSpec, ToRoom } from '../../plugin-host/messages.ts';
import { plainText } from '../../plugin-host/plain-text.ts';
import type { PluginCall } from '../../protocol/plugin-calls.ts';
import type { Launch } from './process-launch.ts';
import type { Room, RoomListener, Rooms } from './room.ts';

/**
 * Rooms that are processes. Each leads a group of its own, so that it is killed with everything it started; it has a clean
 * environment and limits of its own, and dies with the server.
 */

/** Output that was on its way when a process ended arrives within this time, unless a child of it keeps the pipes open. */
const PIPE_GRACE_MS = 200;
const CHANNEL = 3;

export class ProcessRooms implements Rooms {
  readonly #count: number;
  readonly #launch: Launch;
  readonly #spec: PluginSpec;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #rooms = new Set<ProcessRoom>();
  #isClosed = false;

  constructor(count: number, launch: Launch, spec: PluginSpec, environment: Readonly<Record<string, string>>) {
    this.#count = count;
    this.#launch = launch;
    this.#spec = spec;
    this.#environment = environment;
  }

  open(listener: RoomListener): void {
    for (let opened = 0; opened < this.#count; opened++) this.#add(listener);
  }

  close(): void {
    this.#isClosed = true;
    for (const room of this.#rooms) room.end();
  }

  #add(listener: RoomListener): void {
    const room = new ProcessRoom(this.#launch, this.#spec, this.#environment, listener, () => {
      this.#rooms.delete(room);
      if (!this.#isClosed) this.#add(listener);
    });
    this.#rooms.add(room);
    listener.opened(room);
  }
}

/** The process itself starts with `start`, so that the host decides how soon one that died is followed by another. */
class ProcessRoom implements Room {
  readonly #launch: Launch;
  readonly #spec: PluginSpec;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #listener: RoomListener;
  readonly #whenEnded: () => void;
  readonly #budget = new LineBudget();
  readonly #calls = new Map<number, (outcome: unknown) => void>();
  #started: ((answer: unknown) => void) | undefined;
  #child: ChildProcess | undefined;
  #channel: Socket | undefined;
  #isEnding = false;
  #hasEnded = false;
  #why: string | undefined;
  #lastWords = '';

  constructor(launch: Launch, spec: PluginSpec, environment: Readonly<Record<string, string>>, listener: RoomListener, whenEnded: () => void) {
    this.#launch = launch;
    this.#whenEnded = whenEnded;
    this.#spec = spec;
    this.#environment = environment;
    this.#listener = listener;
  }

  start(): Promise<unknown> {
    return new Promise((resolve) => {
      this.#started = resolve;
      try {
        this.#spawn();
      } catch (error) {
        // Some reasons are thrown, others come as an event.
        this.#fail(error);
      }
    });
  }

  run(id: number, call: PluginCall, answered: (outcome: unknown) => void): void {
    this.#calls.set(id, answered);
    this.#send({ type: 'call', id, call });
  }

  abort(id: number): void {
    this.#send({ type: 'abort', id });
  }

  end(): void {
    this.#why ??= 'its process was ended';
    this.#startEnding();
    if (this.#child === undefined) this.#finish();
    else this.#kill(this.#child);
  }

  #spawn(): void {
    const { command, parameters, account } = this.#launch;
    const child = spawn(command, parameters, {
      env: { ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
      ...(account === undefined ? {} : account),
    });
    this.#child = child;
    child.once('error', (error) => {
      if (child.pid === undefined) this.#fail(error);
    });
    child.once('exit', (code, signal) => void this.#exited(child, code, signal));
    this.#print(child, 'stdout', 'info');
    this.#print(child, 'stderr', 'warn');
    this.#connect(child);
    this.#send({ type: 'start', spec: this.#spec });
  }

  #fail(error: unknown): void {
    this.#why ??= `its process could not be started: ${messageOf(error)}`;
    this.#finish();
  }

  #connect(child: ChildProcess): void {
    const channel = child.stdio[CHANNEL];
    if (!(channel instanceof Socket)) return;
    this.#channel = channel;
    const reader = new JsonLineReader(
      (message) => this.#receive(message),
      (flaw) => this.#breach(flaw),
    );
    channel.on('data', (chunk: Buffer) => reader.push(chunk));
    // A process that ends while something is being sent to it: its end is seen by `exit`.
    channel.on('error', () => undefined);
  }

  #receive(message: unknown): void {
    const fields = typeof message === 'object' && message !== null ? (message as Record<string, unknown>) : {};
    switch (fields['type']) {
      case 'started':
      case 'not-started':
        this.#started?.(message);
        return;
      case 'ended':
        this.#answer(fields['id'], fields['outcome']);
        return;
      case 'said':
        if (this.#budget.take()) this.#listener.said(message);
        return;
      case 'fatal':
        this.#why ??= `an error outside of its calls ended its process: ${plainText(String(fields['message']))}`;
        this.#startEnding();
        return;
      default:
        this.#breach('something that is no message');
    }
  }

  #answer(id: unknown, outcome: unknown): void {
    const answered = typeof id === 'number' ? this.#calls.get(id) : undefined;
    if (typeof id !== 'number' || answered === undefined) {
      this.#breach('the outcome of a call that it was not asked for');
      return;
    }
    this.#calls.delete(id);
    answered(outcome);
  }

  /** The plugin meddles with the pipe: there is no telling what else it sends. */
  #breach(flaw: string): void {
    this.#why ??= `its process sent ${flaw}, and was ended`;
    this.end();
  }

  #print(child: ChildProcess, stream: 'stdout' | 'stderr', level: LogLevel): void {
    const lines = new LineSplitter((line) => {
      if (stream === 'stderr' && line.trim() !== '') this.#lastWords = line.trim();
      if (!this.#budget.take()) return;
      const leftOut = this.#budget.takeLeftOut();
      if (leftOut > 0) this.#listener.said({ type: 'said', level: 'warn', message: `${leftOut} lines of the plugin were left out`, operationId: null });
      this.#listener.said({ type: 'said', level, message: line, operationId: null });
    });
    child[stream]?.on('data', (chunk: Buffer) => lines.push(chunk));
    child[stream]?.once('end', () => lines.end());
  }

  async #exited(child: ChildProcess, code: number | null, signal: string | null): Promise<void> {
    // Answers that were sent before the end still count, and so do last words.
    await closed(child, PIPE_GRACE_MS);
    this.#why ??= this.#wordsFor(code, signal);
    this.#startEnding();
    this.#kill(child);
    this.#channel?.destroy();
    child.stdout?.destroy();
    child.stderr?.destroy();
    this.#finish();
  }

  #wordsFor(code: number | null, signal: string | null): string {
    if (signal === 'SIGABRT' || signal === 'SIGTRAP') return `its process was ended by ${signal}, as happens when it needs more memory than it may have`;
    if (signal !== null) return `its process was ended by ${signal}`;
    const words = code === 0 || this.#lastWords === '' ? '' : `; it said: ${plainText(this.#lastWords, 500)}`;
    return `the plugin ended its process with exit code ${code}${words}`;
  }

  /** The whole group: a process that was started as its leader and everything in it. */
  #kill(child: ChildProcess): void {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // There is nothing left of it.
    }
  }

  #send(message: ToRoom): void {
    if (this.#isEnding || this.#channel === undefined) return;
    this.#channel.write(jsonLine(message));
  }

  #startEnding(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#listener.ending(this);
  }

  #finish(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#startEnding();
    this.#listener.ended(this, this.#why ?? 'its process ended');
    this.#whenEnded();
  }
}

function closed(child: ChildProcess, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, graceMs);
    child.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
