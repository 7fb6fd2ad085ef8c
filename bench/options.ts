import { parseArgs } from 'node:util';
import { NODES_MAX } from './data.ts';

/** What a run of the benchmarks is told on its command line. */
export interface BenchOptions {
  readonly nodes: number;
  /** How many reservations there are in the steps that need many. */
  readonly reservations: number;
  readonly seed: number;
  /** Repeats of what is cheap to repeat; the median counts. */
  readonly runs: number;
  /** How long each load lasts. */
  readonly loadSeconds: number;
  /** Names of steps; empty means all. */
  readonly only: readonly string[];
}

export const USAGE: string =
  'npm run bench -- [--nodes 25000] [--reservations N] [--only import,get] [--runs 3] [--seconds N] [--seed 1] [--compare BEFORE.jsonl]\n' +
  '--compare prints how the figures differ from those of an earlier run; without it the figures themselves are printed';

const RESERVATIONS_MAX = 100_000;
/** So that a quick look at few nodes is quick, and the usual run has all reservations. */
const RESERVATIONS_PER_NODE = 4;
const RUNS_MAX = 100;
const LOAD_SECONDS_MIN = 0.1;
const LOAD_SECONDS_MAX = 600;

/** @throws RangeError or TypeError that names the flag that is wrong. */
export function readOptions(argv: readonly string[], stepNames: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      nodes: { type: 'string', default: '25000' },
      reservations: { type: 'string' },
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '3' },
      seconds: { type: 'string' },
      only: { type: 'string', default: '' },
    },
  });
  const nodes = integer('--nodes', values.nodes, 1, NODES_MAX);
  const only = values.only.split(',').filter((name) => name !== '');
  const unknown = only.find((name) => !stepNames.includes(name));
  if (unknown !== undefined) throw new RangeError(`--only ${unknown}: there are ${stepNames.join(', ')}`);
  return {
    nodes,
    reservations: integer('--reservations', values.reservations ?? String(Math.min(RESERVATIONS_MAX, nodes * RESERVATIONS_PER_NODE)), 1, RESERVATIONS_MAX),
    seed: integer('--seed', values.seed, 0, 0xffffffff),
    runs: integer('--runs', values.runs, 1, RUNS_MAX),
    loadSeconds: values.seconds === undefined ? usualLoadSeconds(nodes) : seconds(values.seconds),
    only,
  };
}

/** A small inventory is for a quick look. */
function usualLoadSeconds(nodes: number): number {
  if (nodes < 10_000) return 1;
  return nodes < 100_000 ? 3 : 10;
}

function seconds(text: string): number {
  const value = Number(text);
  if (value >= LOAD_SECONDS_MIN && value <= LOAD_SECONDS_MAX) return value;
  throw new RangeError(`--seconds ${text}: from ${LOAD_SECONDS_MIN} to ${LOAD_SECONDS_MAX}`);
}

function integer(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${name} ${text}: a whole number from ${min} to ${max}`);
}
