import { readFileSync } from 'node:fs';
import { readdir, statfs } from 'node:fs/promises';
import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Background } from './background.ts';
import { counter, gauge, type Metric, one } from './metric.ts';

/**
 * The process and its machine. Those that every exporter has keep the names that all dashboards know, `process_…`.
 * prom-client's own collection is not used: names in it fail promtool, and it lists open files while everybody waits.
 */

export interface ProcessSources {
  readonly version: string;
  /** The data folder. */
  readonly directory: string;
  readonly loop: LoopLag;
}

/** How late timers of the main thread come: whatever holds it up holds up every request. */
export class LoopLag {
  readonly #delays: IntervalHistogram;

  constructor() {
    this.#delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delays.enable();
  }

  /** @param percentile 100 is the maximum. Since the last `forget`. */
  seconds(percentile: number): number {
    const ns = percentile === 100 ? this.#delays.max : this.#delays.percentile(percentile);
    // What is measured is from one timer to the next, the time between them included.
    return Math.max(0, ns - RESOLUTION_MS * 1e6) / 1e9;
  }

  forget(): void {
    this.#delays.reset();
  }

  stop(): void {
    this.#delays.disable();
  }
}

const RESOLUTION_MS = 20;

export function processMetrics({ version, directory, loop }: ProcessSources): readonly Metric[] {
  const startSeconds = (Date.now() - performance.now()) / 1000;
  const openFiles = new Background(async () => (await readdir('/proc/self/fd')).length);
  const disk = new Background(() => statfs(directory));
  const openFilesMax = openFilesLimit();
  return [
    gauge('holdfast_build', 'Always 1; the labels say what runs.', ['version', 'node'], () => [[1, version, process.version]]),
    gauge('holdfast_event_loop_lag_p50_seconds', 'How late the main thread came to its work, in the middle, since the last scrape.', [], () =>
      one(loop.seconds(50)),
    ),
    gauge('holdfast_event_loop_lag_p99_seconds', 'The same, of the latest hundredth.', [], () => one(loop.seconds(99))),
    gauge('holdfast_event_loop_lag_max_seconds', 'The same, at worst.', [], () => one(loop.seconds(100))),
    counter('holdfast_event_loop_active_seconds_total', 'How long the main thread has worked; at 1 a second it has no time left.', [], () =>
      one(performance.eventLoopUtilization().active / 1000),
    ),
    gauge('holdfast_disk_available_bytes', "What is left on the data folder's file system.", [], () => {
      const found = disk.take();
      return one(found === undefined ? undefined : found.bavail * found.bsize);
    }),
    gauge('holdfast_disk_size_bytes', 'The size of that file system.', [], () => {
      const found = disk.take();
      return one(found === undefined ? undefined : found.blocks * found.bsize);
    }),
    counter('process_cpu_seconds_total', 'CPU time of all threads, in user and system mode.', [], () => {
      const { user, system } = process.cpuUsage();
      return one((user + system) / 1e6);
    }),
    gauge('process_resident_memory_bytes', 'Memory that the process has in RAM, all threads included.', [], () => one(process.memoryUsage.rss())),
    gauge('process_open_fds', 'Open files and connections.', [], () => one(openFiles.take())),
    gauge('process_max_fds', 'How many there may be.', [], () => one(openFilesMax)),
    gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', [], () => one(startSeconds)),
  ];
}

function openFilesLimit(): number | undefined {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    // Not Linux: it is left out.
    return undefined;
  }
}
