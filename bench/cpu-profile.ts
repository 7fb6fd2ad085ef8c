/** Reads V8's CPU profiles: which functions a thread spent its time in, within a window of time. */

/** The parts of a `.cpuprofile` that are used. Times are in microseconds of the machine's monotonic clock. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

export interface Window {
  readonly startUs: number;
  readonly endUs: number;
}

/** Milliseconds of a function: its own, and with everything that it called. */
export interface FunctionTime {
  readonly name: string;
  readonly selfMs: number;
  readonly totalMs: number;
}

export interface ThreadTimes {
  readonly windowMs: number;
  readonly idleMs: number;
  /** Busy share of each tenth of the window. */
  readonly busyTenths: readonly number[];
  /** Most time of their own first. */
  readonly functions: readonly FunctionTime[];
}

const IDLE = '(idle)';
const TENTHS = 10;

export function timesIn(profile: CpuProfile, { startUs, endUs }: Window): ThreadTimes {
  const stacks = stacksOf(profile);
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  const busyUs = new Array<number>(TENTHS).fill(0);
  let nowUs = profile.startTime;
  for (const [index, sample] of profile.samples.entries()) {
    const spentUs = profile.timeDeltas[index + 1] ?? 0;
    nowUs += profile.timeDeltas[index] ?? 0;
    const stack = stacks.get(sample);
    if (nowUs < startUs || nowUs >= endUs || stack === undefined) continue;
    const [top = ''] = stack;
    add(self, top, spentUs);
    for (const name of new Set(stack)) add(total, name, spentUs);
    const tenth = Math.floor(((nowUs - startUs) / (endUs - startUs)) * TENTHS);
    if (top !== IDLE) busyUs[tenth] = (busyUs[tenth] ?? 0) + spentUs;
  }
  const tenthUs = (endUs - startUs) / TENTHS;
  const functions = [...total].map(([name, us]): FunctionTime => ({ name, selfMs: (self.get(name) ?? 0) / 1000, totalMs: us / 1000 }));
  return {
    windowMs: (endUs - startUs) / 1000,
    idleMs: (self.get(IDLE) ?? 0) / 1000,
    busyTenths: busyUs.map((us) => us / tenthUs),
    functions: functions.filter(({ name }) => name !== IDLE).sort((a, b) => b.selfMs - a.selfMs),
  };
}

/** The names of the functions on the stack of each node, the innermost first. */
function stacksOf({ nodes }: CpuProfile): ReadonlyMap<number, readonly string[]> {
  const parents = new Map<number, number>();
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const names = new Map(nodes.map((node) => [node.id, nameOf(node)]));
  const stacks = new Map<number, readonly string[]>();
  const stackOf = (id: number): readonly string[] => {
    const known = stacks.get(id);
    if (known !== undefined) return known;
    const parent = parents.get(id);
    const stack = [names.get(id) ?? '', ...(parent === undefined ? [] : stackOf(parent))];
    stacks.set(id, stack);
    return stack;
  };
  for (const node of nodes) stackOf(node.id);
  return stacks;
}

const LAST_FOLDERS = 3;

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  return `${name}  ${url.split('/').slice(-LAST_FOLDERS).join('/')}:${lineNumber + 1}`;
}

function add(times: Map<string, number>, name: string, us: number): void {
  times.set(name, (times.get(name) ?? 0) + us);
}
