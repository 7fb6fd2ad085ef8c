import type { HostState } from '../protocol/plugin-calls.ts';
import type { ReservationState } from '../protocol/reservations.ts';

/** How the reservation half is doing at this moment. Looking costs the same however many reservations there are. */

export interface EndpointFigures {
  readonly name: string;
  /** False: only reservations of before are left of it. */
  readonly isConfigured: boolean;
  /** Open and closed ones; without states of which there was none yet. */
  readonly reservations: ReadonlyMap<ReservationState, number>;
  readonly renewals: LaneFigures;
  /** Absent where no plugin runs. */
  readonly plugin: PluginFigures | undefined;
}

export interface LaneFigures {
  readonly underWay: number;
  /** Due, and not begun yet. */
  readonly waiting: number;
  /** How long ago the deadline of the next one was; 0 when none waits. */
  readonly waitMs: number;
}

export interface PluginFigures extends HostState {
  readonly queueLengthMax: number;
  readonly threads: number;
}

export interface AgentFigures {
  /** In the order of the configuration, then what is not configured any more. */
  readonly endpoints: readonly EndpointFigures[];
  /** Reservations with outcomes that the journal could not take yet. */
  readonly unwritten: number;
}
