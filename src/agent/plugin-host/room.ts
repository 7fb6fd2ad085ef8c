import type { PluginCall } from '../../protocol/plugin-calls.ts';

/** A thread or a process with one plugin in it, as the main thread sees it. */
export interface Room {
  /** Loads and initialises the plugin. The answer is what came, unread. May reject or never settle when the room ends. */
  start(): Promise<unknown>;
  /** Runs one call. @param answered gets the outcome as it came, unread; is never called when the room ends before that. */
  run(id: number, call: PluginCall, answered: (outcome: unknown) => void): void;
  /** Raises the signal of a call. */
  abort(id: number): void;
  /** Ends the room at once, whatever runs in it. */
  end(): void;
}

/** Told in this order for each room; nothing comes after `ended`. */
export interface RoomListener {
  /** There is a room, in which no plugin has been started yet. */
  opened(room: Room): void;
  /** It takes no more calls: `ended` will follow. */
  ending(room: Room): void;
  /** Nothing of it runs any more. @param why in words, for messages. */
  ended(room: Room, why: string): void;
  /** What a plugin logged or printed, unread. */
  said(message: unknown): void;
}

/** Where the rooms of one endpoint come from: a room that ended is followed by another. */
export interface Rooms {
  open(listener: RoomListener): void;
  /** Ends all rooms, and opens no more. Each is told as `ended` when it has; this resolves when nothing is left of those that were yet to open either. */
  close(): void | Promise<void>;
}
