import type { Plugin } from '../../../plugins/plugin.ts';
import createSimulator from '../../../plugins/simulator/simulator.ts';

/** The simulator's plugin without `find`: nobody can tell what became of an interrupted join. */
// biome-ignore lint/style/noDefaultExport: a plugin's module exports what makes it
export default function blind(): Plugin {
  const simulator = createSimulator();
  return {
    initialize: (config, properties) => simulator.initialize(config, properties),
    join: (until, caller, context) => simulator.join(until, caller, context),
    leave: (id, caller, sched, context) => simulator.leave(id, caller, sched, context),
    modify: (id, caller, sched, context) => simulator.modify(id, caller, sched, context),
    renew: (id, until, join, sched, context) => simulator.renew(id, until, join, sched, context),
    status: (id, sched, context) => simulator.status(id, sched, context),
  };
}
