import type { ResourceView } from '../../plugins/simulator/ledger.ts';
import { type Substrate, type SubstrateOptions, startSubstrate } from '../../plugins/simulator/substrate.ts';

/** The simulated substrate in tests, and the comparison of its ledger with what a Holdfast says it holds. */

/** What Holdfast says of one reservation; `GET /reservations` has these fields. */
export interface HeldReservation {
  readonly operation_id: string;
  readonly reservation_id?: string;
  readonly state: string;
}

export interface SidesCompared {
  /** Provisioned, and Holdfast knows neither the reservation nor its join. */
  readonly leaks: readonly ResourceView[];
  /** Holdfast takes it for active, and nothing is provisioned. */
  readonly losses: readonly HeldReservation[];
}

/** States in which the substrate must have something. */
const STANDING: ReadonlySet<string> = new Set(['active', 'renewing', 'modifying']);

/** A substrate in this process, so that it survives the servers that a test kills; closed when the test ends. */
export async function substrateFor(context: { after(fn: () => void | Promise<void>): void }, options: SubstrateOptions = {}): Promise<Substrate> {
  const substrate = await startSubstrate(options);
  context.after(() => substrate.close());
  return substrate;
}

/** A closed reservation holds nothing any more: what is still provisioned for it has leaked. */
export function compareSides(resources: Iterable<ResourceView>, held: Iterable<HeldReservation>): SidesCompared {
  const known = new Map<string, HeldReservation>();
  for (const reservation of held) if (reservation.state !== 'closed') known.set(reservation.operation_id, reservation);
  const provisioned = new Map<string, ResourceView>();
  for (const resource of resources) if (resource.state === 'provisioned') provisioned.set(resource.joinOperationId, resource);
  return {
    leaks: [...provisioned.values()].filter(({ joinOperationId }) => !known.has(joinOperationId)),
    losses: [...known.values()].filter(({ operation_id, state }) => STANDING.has(state) && !provisioned.has(operation_id)),
  };
}
