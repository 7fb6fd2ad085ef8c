import type { StoreMemory } from '../protocol/commands.ts';
import { Background } from './background.ts';
import { gauge, type Metric, type Sample } from './metric.ts';

/** Where the memory of the process is. What is missing to all that it has is DuckDB's for others, plugins, and freed memory that the system has not got back. */

export interface MemorySources {
  /** What the owner holds; undefined while it cannot be asked. */
  store(): Promise<StoreMemory | undefined>;
}

export function memoryMetrics({ store }: MemorySources): readonly Metric[] {
  const ofStore = new Background(store);
  return [
    gauge('holdfast_memory_bytes', 'Memory by what it is for; of the owner as it was at the scrape before.', ['part'], function* (): Iterable<Sample> {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      yield [heapUsed, 'main-heap'];
      yield [arrayBuffers, 'main-buffers'];
      const held = ofStore.take();
      if (held === undefined) return;
      yield [held.heap, 'owner-heap'];
      yield [held.buffers, 'owner-buffers'];
      yield [held.recordLog, 'record-log'];
      yield [held.workingSet, 'working-set'];
    }),
  ];
}
