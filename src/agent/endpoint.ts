import type { Result } from '../faults.ts';
import type { PluginFeatures, PluginHost } from '../protocol/plugin-calls.ts';
import { type EndpointConfig, periodMs } from './endpoint-config.ts';

/** A configured endpoint with its plugin running. */
export interface Endpoint {
  readonly config: EndpointConfig;
  readonly host: PluginHost;
  readonly features: PluginFeatures;
  /** It is not configured any more, but its substrate still holds reservations: no joins, everything else goes on. */
  readonly isRetired: boolean;
}

/** Starts an endpoint's plugin; the fault says why it does not start. */
export type OpenHost = (config: EndpointConfig) => Promise<Result<{ readonly host: PluginHost; readonly features: PluginFeatures }>>;

/** NodeAgent2 renews a second before the ticks say, so that a tick that comes exactly then is not missed. */
const MARGIN_MS = 1000;

/** The real end of what is joined or renewed now. */
export function untilOf({ schedulePeriod }: EndpointConfig, nowMs: number): number {
  return nowMs + periodMs(schedulePeriod);
}

/** The real end of what another agent would have renewed then: how NodeAgent2 makes deadlines, backwards. */
export function untilOfDeadline({ renewAdvanceTicks }: EndpointConfig, tickMs: number, renewDeadlineMs: number): number {
  return renewDeadlineMs + renewAdvanceTicks * tickMs + MARGIN_MS;
}

/** When a reservation that ends then is to be renewed; null: never, its period is 0. */
export function renewDeadlineOf({ schedulePeriod, renewAdvanceTicks }: EndpointConfig, tickMs: number, untilMs: number): number | null {
  return schedulePeriod.length === 0 ? null : untilMs - renewAdvanceTicks * tickMs - MARGIN_MS;
}
