import type { AgentCounts } from '../agent/agent-counts.ts';
import type { AgentFigures, EndpointFigures, PluginFigures } from '../agent/figures.ts';
import type { ReservationState } from '../protocol/reservations.ts';
import { counter, gauge, histogram, type Metric, one, type Sample } from './metric.ts';

/** Reservations, their renewals, and the plugins behind them. */

export interface AgentSources {
  readonly agent: { readonly figures: AgentFigures };
  readonly counts: AgentCounts;
}

/** Every state is told of every endpoint, so that an alert does not wait for the first reservation in it. */
const STATES: Readonly<Record<ReservationState, true>> = {
  joining: true,
  active: true,
  renewing: true,
  modifying: true,
  leaving: true,
  'renew-failed': true,
  'leave-failed': true,
  unknown: true,
  orphaned: true,
  closed: true,
};

export function agentMetrics(sources: AgentSources): readonly Metric[] {
  return [...reservationMetrics(sources), ...renewalMetrics(sources), ...pluginMetrics(sources)];
}

function reservationMetrics({ agent }: AgentSources): readonly Metric[] {
  return [
    gauge('holdfast_reservations', 'Reservations by state; closed ones stay a while to be looked at.', ['endpoint', 'state'], () =>
      agent.figures.endpoints.flatMap(({ name, reservations }) =>
        Object.keys(STATES).map((state): Sample => [reservations.get(state as ReservationState) ?? 0, name, state]),
      ),
    ),
    gauge('holdfast_endpoint_configured', '0: only reservations of before are left of it.', ['endpoint'], () =>
      agent.figures.endpoints.map(({ name, isConfigured }) => [isConfigured ? 1 : 0, name]),
    ),
    gauge('holdfast_reservations_unwritten', 'Reservations with outcomes that the journal could not take yet.', [], () => one(agent.figures.unwritten)),
  ];
}

function renewalMetrics({ agent, counts }: AgentSources): readonly Metric[] {
  const ofLanes = (value: (figures: EndpointFigures['renewals']) => number) => (): readonly Sample[] =>
    agent.figures.endpoints.map(({ name, renewals }) => [value(renewals), name]);
  return [
    gauge(
      'holdfast_renewals_under_way',
      'Renewals that have begun and not ended.',
      ['endpoint'],
      ofLanes(({ underWay }) => underWay),
    ),
    gauge(
      'holdfast_renewals_waiting',
      'Renewals that are due and have not begun.',
      ['endpoint'],
      ofLanes(({ waiting }) => waiting),
    ),
    gauge(
      'holdfast_renewals_wait_seconds',
      'How long the next of those has been due.',
      ['endpoint'],
      ofLanes(({ waitMs }) => waitMs / 1000),
    ),
    // All endpoints from the beginning: what appears with its first count has no increase that a rule could see.
    histogram('holdfast_renewal_lateness_seconds', 'How long after its deadline a renewal began; up to a tick is by design.', ['endpoint'], () =>
      agent.figures.endpoints.map(({ name }) => [counts.renewalsAt(name).lateness, name]),
    ),
    counter('holdfast_renewals_after_end_total', 'Renewals that began when the substrate may have ended the reservation.', ['endpoint'], () =>
      agent.figures.endpoints.map(({ name }) => [counts.renewalsAt(name).afterEnd, name]),
    ),
  ];
}

function pluginMetrics({ agent, counts }: AgentSources): readonly Metric[] {
  const ofPlugins = (value: (figures: PluginFigures) => number) => (): readonly Sample[] =>
    agent.figures.endpoints.flatMap(({ name, plugin }): readonly Sample[] => (plugin === undefined ? [] : [[value(plugin), name]]));
  return [
    counter(
      'holdfast_plugin_calls_total',
      'Calls by outcome; failed and threw: the plugin says no; junk, late and died: nobody knows what it did; refused: it was not called.',
      ['endpoint', 'operation', 'outcome'],
      () =>
        [...counts.calls].flatMap(({ endpoint, operation, outcomes }) =>
          [...outcomes].map(([outcome, count]): Sample => [count, endpoint, operation, outcome]),
        ),
    ),
    histogram('holdfast_plugin_call_duration_seconds', 'How long calls run, without their wait for a thread.', ['endpoint', 'operation'], () =>
      [...counts.calls].map(({ endpoint, operation, seconds }) => [seconds, endpoint, operation]),
    ),
    gauge(
      'holdfast_plugin_calls_under_way',
      'Calls that run.',
      ['endpoint'],
      ofPlugins(({ underWay }) => underWay),
    ),
    gauge('holdfast_plugin_queue_length', 'Calls that wait for a thread; urgent: renewals and leaves.', ['endpoint', 'priority'], () =>
      agent.figures.endpoints.flatMap(({ name, plugin }): readonly Sample[] =>
        plugin === undefined
          ? []
          : [
              [plugin.waitingUrgent, name, 'urgent'],
              [plugin.waiting, name, 'normal'],
            ],
      ),
    ),
    gauge(
      'holdfast_plugin_queue_limit',
      'How many of each priority may; one more is refused.',
      ['endpoint'],
      ofPlugins(({ queueLengthMax }) => queueLengthMax),
    ),
    gauge(
      'holdfast_plugin_threads',
      'Threads or processes that the plugin is to have.',
      ['endpoint'],
      ofPlugins(({ threads }) => threads),
    ),
    gauge(
      'holdfast_plugin_threads_ready',
      'Those in which it can be called.',
      ['endpoint'],
      ofPlugins(({ ready }) => ready),
    ),
    gauge(
      'holdfast_plugin_threads_stuck',
      'Those that hang and could not be ended.',
      ['endpoint'],
      ofPlugins(({ stuck }) => stuck),
    ),
  ];
}
