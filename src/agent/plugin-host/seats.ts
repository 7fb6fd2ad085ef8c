import type { HostCall } from './host-call.ts';
import type { Room } from './room.ts';

/** A room of an endpoint, what runs in it, and how far it is. */
export interface Seat {
  readonly room: Room;
  state: 'empty' | 'starting' | 'ready' | 'ending';
  readonly calls: Map<number, HostCall>;
  /** The plugin was ready in it. */
  hasStarted: boolean;
  /** Why the plugin did not start in it, if it did not. */
  failure: string | undefined;
  /** That it did not start has been said. */
  isFailureTold: boolean;
  /** Why the host ended it, if it did. */
  reason: string | undefined;
  /** Monotonic. */
  endingAtMs: number;
  startTimer: NodeJS.Timeout | undefined;
}

/** The rooms of an endpoint that have not ended. */
export class Seats {
  readonly #concurrentCalls: number;
  readonly #seats = new Map<Room, Seat>();

  constructor(concurrentCalls: number) {
    this.#concurrentCalls = concurrentCalls;
  }

  add(room: Room): Seat {
    const seat: Seat = {
      room,
      state: 'empty',
      calls: new Map(),
      hasStarted: false,
      failure: undefined,
      isFailureTold: false,
      reason: undefined,
      endingAtMs: Number.POSITIVE_INFINITY,
      startTimer: undefined,
    };
    this.#seats.set(room, seat);
    return seat;
  }

  get(room: Room): Seat | undefined {
    return this.#seats.get(room);
  }

  delete(room: Room): void {
    this.#seats.delete(room);
  }

  get all(): Iterable<Seat> {
    return this.#seats.values();
  }

  get size(): number {
    return this.#seats.size;
  }

  get readyCount(): number {
    let ready = 0;
    for (const { state } of this.#seats.values()) if (state === 'ready') ready += 1;
    return ready;
  }

  /** Whether any of them is that far. */
  some(wanted: Seat['state']): boolean {
    for (const { state } of this.#seats.values()) if (state === wanted) return true;
    return false;
  }

  /** The ready one with the fewest calls, unless all are full. */
  free(): Seat | undefined {
    let best: Seat | undefined;
    for (const seat of this.#seats.values()) {
      if (seat.state !== 'ready' || seat.calls.size >= this.#concurrentCalls) continue;
      if (best === undefined || seat.calls.size < best.calls.size) best = seat;
    }
    return best;
  }
}
