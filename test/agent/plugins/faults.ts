import { spawn, spawnSync } from 'node:child_process';
import { parentPort } from 'node:worker_threads';
import type { CallContext, Plugin, PluginReturn, Properties } from '../../../plugins/plugin.ts';

/** A plugin that goes wrong in every way: the caller property `do` says how. What it does not know, it answers properly. */

type Wrong = (properties: Properties, context: CallContext) => unknown;

const never = (): Promise<never> => new Promise(() => undefined);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const fine = (properties: Properties = {}): PluginReturn => ({ status: 0, reservationId: 'fine', properties });

function deep(): unknown {
  let value: unknown = 'bottom';
  for (let depth = 0; depth < 1_000_000; depth++) value = { value };
  return value;
}

function cycle(): unknown {
  const value: Record<string, unknown> = { status: 0, reservationId: 'x' };
  value['properties'] = { self: value };
  return value;
}

function poisoned(): PluginReturn {
  return { status: 0, reservationId: 'x', properties: JSON.parse('{"__proto__":"polluted"}') };
}

let ticks = 0;
let begun: () => void = () => undefined;

/** What goes wrong late does so while another call is under way, however long that takes to come. */
function inNextCall(go: () => void, pauseMs: number): void {
  const next = new Promise<void>((resolve) => {
    begun = resolve;
  });
  void next.then(() => setTimeout(go, pauseMs));
}

const BEHAVIOURS: Readonly<Record<string, Wrong>> = {
  hang: never,
  'hang-politely': (_properties, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    }),
  'answer-when-told': (_properties, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(fine({ told: 'yes' })));
    }),
  loop: () => {
    for (;;);
  },
  'native-hang': ({ seconds = '3' }) => {
    spawnSync('sleep', [seconds]);
    return fine();
  },
  wait: async ({ ms = '100' }) => {
    await pause(Number(ms));
    return fine();
  },
  throw: () => {
    throw new Error('no more ports');
  },
  'throw-null': () => Promise.reject(null),
  'throw-no-prototype': () => Promise.reject(Object.create(null)),
  'throw-bad-text': () =>
    Promise.reject({
      toString: () => {
        throw new Error('not even this');
      },
      get message(): string {
        throw new Error('nor this');
      },
    }),
  'throw-odd-message': () => Promise.reject(Object.assign(new Error('x'), { message: { deep: 'object' } })),
  'throw-huge': () => Promise.reject(new Error('x'.repeat(50_000_000))),
  'throw-ill-formed': () => Promise.reject(new Error('half \ud800 and nul \0')),
  'throw-function': () => Promise.reject(() => undefined),
  'throw-unknown': () => Promise.reject(Object.assign(new Error('the connection broke'), { name: 'OutcomeUnknown' })),
  'throw-later': () => {
    inNextCall(() => {
      throw new Error('late and loud');
    }, 50);
    return fine();
  },
  'reject-later': () => {
    inNextCall(() => void Promise.reject(new Error('late and unhandled')), 50);
    return fine();
  },
  exit: () => process.exit(3),
  'exit-after': () => {
    inNextCall(() => process.exit(0), 20);
    return fine();
  },
  heap: async () => {
    const kept: unknown[] = [];
    for (;;) {
      for (let index = 0; index < 1000; index++) kept.push(new Array(200).fill(index));
      await null;
    }
  },
  buffers: () => {
    const kept: Buffer[] = [];
    for (;;) kept.push(Buffer.alloc(8_388_608, 1));
  },
  'log-flood': (_properties, { log }) => {
    for (let line = 0; line < 100_000; line++) log.info(`line ${line}`);
    return fine();
  },
  'log-oddly': (_properties, { log }) => {
    log.info('x'.repeat(1_000_000));
    log.warn('with\u0000control\u001b[31m characters');
    log.error(Object.create(null));
    return fine();
  },
  print: () => {
    process.stdout.write('printed in ');
    process.stdout.write('two parts\nand a second line\n');
    console.error('to the error stream');
    return fine();
  },
  environment: () => fine(Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']))),
  context: (_properties, { operationId, instance }) => fine({ operationId, instance }),
  identity: () => fine({ uid: String(process.getuid?.()), gid: String(process.getgid?.()), pid: String(process.pid) }),
  'start-ticking': () => {
    setInterval(() => {
      ticks += 1;
    }, 10);
    return fine();
  },
  ticks: () => fine({ ticks: String(ticks) }),
  'start-child': (_properties, { operationId }) => {
    spawn('sleep', ['86.25'], { detached: true, stdio: 'ignore', env: { ...process.env, HOLDFAST_OPERATION_ID: operationId } }).unref();
    return never();
  },
  meddle: () => {
    parentPort?.postMessage({ type: 'said', level: 'error', message: { not: 'text' }, operationId: 5 });
    parentPort?.postMessage({ type: 'ended', id: 1, outcome: { type: 'returned', answer: 7 } });
    parentPort?.postMessage(null);
    return fine();
  },
  undefined: () => undefined,
  number: () => 42,
  function: () => () => undefined,
  array: () => [fine()],
  'no-status': () => ({ reservationId: 'x' }),
  'odd-status': () => ({ status: 1.5, reservationId: 'x' }),
  'huge-status': () => ({ status: 2 ** 40, reservationId: 'x' }),
  'text-status': () => ({ status: '0', reservationId: 'x' }),
  'number-value': () => ({ status: 0, reservationId: 'x', properties: { vlan: 5 } }),
  'null-value': () => ({ status: 0, reservationId: 'x', properties: { vlan: null } }),
  'function-value': () => ({ status: 0, reservationId: 'x', properties: { call: () => undefined } }),
  'deep-value': () => ({ status: 0, reservationId: 'x', properties: { deep: deep() } }),
  'ill-formed-value': () => ({ status: 0, reservationId: 'x', properties: { name: 'half \ud800' } }),
  'array-properties': () => ({ status: 0, reservationId: 'x', properties: ['a'] }),
  'map-properties': () => ({ status: 0, reservationId: 'x', properties: new Map([['a', 'b']]) }),
  'proto-property': poisoned,
  'many-properties': () => fine(Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`p${index}`, 'v']))),
  'large-properties': () => fine({ large: 'x'.repeat(10_485_760) }),
  'huge-properties': () => fine({ huge: 'x'.repeat(500_000_000) }),
  'long-name': () => fine({ ['n'.repeat(300)]: 'v' }),
  'throwing-getter': () => ({
    status: 0,
    get properties(): Properties {
      throw new Error('no, you do not');
    },
  }),
  'no-id': () => ({ status: 0 }),
  'empty-id': () => ({ status: 0, reservationId: '' }),
  'long-id': () => ({ status: 0, reservationId: 'i'.repeat(256) }),
  'control-id': () => ({ status: 0, reservationId: 'a\nb' }),
  'nul-id': () => ({ status: 0, reservationId: 'a\0b' }),
  'ill-formed-id': () => ({ status: 0, reservationId: 'a\udc00' }),
  'number-id': () => ({ status: 0, reservationId: 7 }),
  cycle,
  'long-error': () => ({ status: 7, errorMessage: 'e'.repeat(100_000) }),
  'number-error': () => ({ status: 7, errorMessage: 7 }),
  refuse: () => ({ status: 17, errorMessage: 'no capacity' }),
  'odd-id': () => ({ status: 0, reservationId: 'a/b c.d%20é' }),
};

export default function faults(): Plugin {
  let calls = 0;
  return {
    initialize: () => undefined,
    join(until, callerProperties, context) {
      calls += 1;
      begun();
      const behaviour = BEHAVIOURS[callerProperties['do'] ?? ''];
      if (behaviour !== undefined) return behaviour(callerProperties, context) as PluginReturn;
      return { status: 0, reservationId: `res-${calls}`, properties: { ...callerProperties, until: until.toISOString() } };
    },
    leave: (reservationId, callerProperties, schedProperties) => ({ status: 0, properties: { reservationId, ...callerProperties, ...schedProperties } }),
    modify: (reservationId, callerProperties, schedProperties) => ({ status: 0, properties: { reservationId, ...callerProperties, ...schedProperties } }),
    renew: (reservationId, until, joinProperties, schedProperties) => ({
      status: 0,
      properties: { reservationId, until: until.toISOString(), ...joinProperties, ...schedProperties },
    }),
    status: (reservationId, schedProperties) => ({ status: 3, errorMessage: `${reservationId} is down`, properties: schedProperties }),
    find(operationId) {
      if (operationId === 'lost') return undefined;
      return operationId === 'junk' ? { status: 0 } : { status: 0, reservationId: `of-${operationId}` };
    },
    list: ({ operationId }) => (operationId === 'junk' ? (['a', 7] as string[]) : ['a', 'b']),
  };
}
