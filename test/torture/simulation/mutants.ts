import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Run, Torture } from '../torture.ts';

/**
 * Rules that are taken out of the built program one at a time. A simulation that lives through one of these looks at the
 * wrong things: each round takes a rule out, in a process of its own, and fails when nothing is noticed.
 */

export interface Mutant {
  readonly about: string;
  /** The built file, from dist. */
  readonly file: string;
  /** What is replaced in it, once. */
  readonly from: string;
  readonly to: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    about: 'the plugin is called before the intent of a join is in the journal',
    file: 'src/agent/calls.js',
    from: 'const begun = await recorder.intend({\n            key,',
    to: 'const begun = { ok: true, value: { key } };\n        void recorder.intend({\n            key,',
  },
  {
    about: 'a leave forgets before its plugin has confirmed',
    file: 'src/agent/calls.js',
    from: "const begun = await this.#parts.recorder.intend({ key: entry.key, step: 'leave.begin', operationId, caller });",
    to: "const begun = await this.#parts.recorder.intend({ key: entry.key, step: 'release', reason: 'left', caller });",
  },
  {
    about: 'a renewal brings back what was left',
    file: 'src/store/reservations/transitions.js',
    from: "'renew.begin': { active: 'renewing',",
    to: "'renew.begin': { closed: 'renewing', leaving: 'renewing', active: 'renewing',",
  },
  {
    about: 'a renewal reads its reservation before its turn has come',
    file: 'src/agent/renewals.js',
    from: "const turn = await turns.take(key, 'urgent');\n        if (!turn.ok)\n            return;\n        try {\n            const entry = book.entry(key);\n            const deadlineMs",
    to: 'const turn = { ok: true, value: { end: () => undefined } };\n        try {\n            const entry = book.entry(key);\n            const deadlineMs',
  },
  {
    about: 'the end of a reservation goes back when the clock does',
    file: 'src/agent/renewals.js',
    from: 'untilMs: Math.max(toldMs, untilOf(config, this.#parts.clock.nowMs()))',
    to: 'untilMs: untilOf(config, this.#parts.clock.nowMs())',
  },
  {
    about: 'a renewal that asks for another end has the same operation id',
    file: 'src/agent/calls.js',
    from: 'renewalIdOf(endpoint, key, deadlineMs, untilMs) {',
    to: 'renewalIdOf(endpoint, key, deadlineMs) {\n    const untilMs = 0;',
  },
  {
    about: 'unique values are judged without the batch so far',
    file: 'src/store/overlay.js',
    from: 'return lookUp(overlay.uniques[position], unique.values, unique.normalise(value));',
    to: 'return unique.values.get(unique.normalise(value));',
  },
  {
    about: 'If-Match is not looked at',
    file: 'src/store/judge.js',
    from: '#precondition(kind, key, ifMatch) {',
    to: '#precondition(kind, key, ifMatch) {\n        return undefined;',
  },
  {
    about: 'refusals of a batch stand though its journal write failed',
    file: 'src/store/store.js',
    from: 'return commands.map(() => journaled);',
    to: 'return results.map((result) => (result.ok ? journaled : result));',
  },
  {
    about: 'after a failed sync the store goes on',
    file: 'src/store/journal.js',
    from: 'this.broken = `fdatasync of',
    to: 'void `fdatasync of',
  },
  {
    about: 'a repeated request is carried out again',
    file: 'src/store/answers.js',
    from: 'answer === undefined || answer.expiresMs <= nowMs',
    to: 'true',
  },
  {
    about: 'the copies that nodes have of a BMC are not renewed',
    file: 'src/store/rules/bmc.js',
    from: 'afterPut: renewCopies,',
    to: '',
  },
  {
    about: 'a node may be in two partitions',
    file: 'src/store/rules/node-collection.js',
    from: "if (type !== 'partition' && type !== 'tenant')",
    to: "if (type !== 'tenant')",
  },
];

const LIVES_MAX = 150;
const PROGRAM = fileURLToPath(new URL('mutant-life.js', import.meta.url));

/** How a mutant was noticed; undefined when it was not. */
export async function noticed(mutant: number, seed: number): Promise<string | undefined> {
  const child = spawn(process.execPath, [PROGRAM, String(mutant), String(seed), String(LIVES_MAX)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the mutant ended with ${code}: ${output}`);
  return output === '' ? undefined : output.trim();
}

export const simulationMutants: Torture = {
  about: 'the simulation with one rule taken out of the program, which it must notice',
  unit: 'mutants',
  usualRounds: MUTANTS.length,
  async run(run: Run) {
    for (const seed of run.seeds()) {
      const number = seed % MUTANTS.length;
      const how = await noticed(number, seed);
      const about = MUTANTS[number]?.about ?? '';
      process.stdout.write(`${about}: ${how ?? 'NOT NOTICED'}\n`);
      if (how === undefined) run.fail(seed, `nothing was noticed in ${LIVES_MAX} lives: ${about}`);
    }
  },
};
