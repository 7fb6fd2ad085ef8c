import { request } from 'node:http';
import type { CallContext, Plugin, PluginReturn, Properties } from '../../plugins/plugin.ts';
import createSimulator from '../../plugins/simulator/simulator.ts';
import type { GatedOperation, GatePoint } from './gate.ts';

/**
 * The simulator's plugin, whose calls pass the test's gate before and after they do their work. Properties: those of the
 * simulator, and `gate.url`.
 */
class GatedPlugin implements Plugin {
  protected readonly simulator: Plugin = createSimulator();
  #url = '';
  #prefix = '';

  initialize(config: string | undefined, properties: Properties): void | Promise<void> {
    this.#url = properties['gate.url'] ?? '';
    this.#prefix = properties['simulator.prefix'] ?? '';
    return this.simulator.initialize(config, properties);
  }

  join(until: Date, caller: Properties, context: CallContext): Promise<PluginReturn> {
    return this.through('join', context, () => this.simulator.join(until, caller, context));
  }

  leave(id: string, caller: Properties, sched: Properties, context: CallContext): Promise<PluginReturn> {
    return this.through('leave', context, () => this.simulator.leave(id, caller, sched, context));
  }

  modify(id: string, caller: Properties, sched: Properties, context: CallContext): Promise<PluginReturn> {
    return this.through('modify', context, () => this.simulator.modify(id, caller, sched, context));
  }

  renew(id: string, until: Date, join: Properties, sched: Properties, context: CallContext): Promise<PluginReturn> {
    return this.through('renew', context, () => this.simulator.renew(id, until, join, sched, context));
  }

  status(id: string, sched: Properties, context: CallContext): PluginReturn | Promise<PluginReturn> {
    return this.simulator.status(id, sched, context);
  }

  protected async through<T>(operation: GatedOperation, context: CallContext, work: () => T | Promise<T>): Promise<T> {
    await this.#pass(operation, 'entered', context);
    const answer = await work();
    await this.#pass(operation, 'answered', context);
    return answer;
  }

  #pass(operation: GatedOperation, point: GatePoint, { operationId }: CallContext): Promise<void> {
    const query = new URLSearchParams({ operationId, prefix: this.#prefix });
    return new Promise((resolve, reject) => {
      const passing = request(`${this.#url}/${operation}/${point}?${query.toString()}`, (response) => {
        response.resume().once('end', () => resolve());
      });
      passing.once('error', reject).end();
    });
  }
}

class SeeingPlugin extends GatedPlugin {
  find(joinOperationId: string, context: CallContext): Promise<PluginReturn | undefined> {
    return this.through('find', context, () => this.simulator.find?.(joinOperationId, context));
  }
}

/** Without `find`: nobody can tell what became of an interrupted join. */
export function blind(): Plugin {
  return new GatedPlugin();
}

// biome-ignore lint/style/noDefaultExport: a plugin's module exports what makes it
export default function seeing(): Plugin {
  return new SeeingPlugin();
}
