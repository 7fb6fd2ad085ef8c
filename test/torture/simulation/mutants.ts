import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Mutation } from '../mutation.ts';
import type { Run, Torture } from '../torture.ts';

/**
 * Rules that are taken out of the built program one at a time. A simulation that lives through one of these looks at the
 * wrong things: each round takes a rule out, in a process of its own, and fails when nothing is noticed.
 */

export const MUTANTS: readonly Mutation[] = [
  {
    name: 'the plugin is called before the intent of a join is in the journal',
    file: 'src/agent/calls.js',
    text: 'const begun = await recorder.intend({\n            key,',
    replacement: 'const begun = { ok: true, value: { key } };\n        void recorder.intend({\n            key,',
  },
  {
    name: 'a leave forgets before its plugin has confirmed',
    file: 'src/agent/calls.js',
    text: "const begun = await this.#parts.recorder.intend({ key: entry.key, step: 'leave.begin', operationId, caller });",
    replacement: "const begun = await this.#parts.recorder.intend({ key: entry.key, step: 'release', reason: 'left', caller });",
  },
  {
    name: 'a renewal brings back what was left',
    file: 'src/store/reservations/transitions.js',
    text: "'renew.begin': { active: 'renewing',",
    replacement: "'renew.begin': { closed: 'renewing', leaving: 'renewing', active: 'renewing',",
  },
  {
    name: 'a renewal reads its reservation before its turn has come',
    file: 'src/agent/renewals.js',
    text: "const turn = await turns.take(key, 'urgent');\n        if (!turn.ok)\n            return;\n        try {\n            const entry = book.entry(key);\n            const deadlineMs",
    replacement:
      'const turn = { ok: true, value: { end: () => undefined } };\n        try {\n            const entry = book.entry(key);\n            const deadlineMs',
  },
  {
    name: 'the end of a reservation goes back when the clock does',
    file: 'src/agent/renewals.js',
    text: 'untilMs: Math.max(toldMs, untilOf(config, this.#parts.clock.nowMs()))',
    replacement: 'untilMs: untilOf(config, this.#parts.clock.nowMs())',
  },
  {
    name: 'a renewal that asks for another end has the same operation id',
    file: 'src/agent/calls.js',
    text: 'renewalIdOf(endpoint, key, deadlineMs, untilMs) {',
    replacement: 'renewalIdOf(endpoint, key, deadlineMs) {\n    const untilMs = 0;',
  },
  {
    name: 'unique values are judged without the batch so far',
    file: 'src/store/overlay.js',
    text: 'const staged = uniques[unique.position]?.get(normal);',
    replacement: 'const staged = undefined;',
  },
  {
    name: 'If-Match is not looked at',
    file: 'src/store/judge.js',
    text: '#precondition(kind, key, ifMatch) {',
    replacement: '#precondition(kind, key, ifMatch) {\n        return undefined;',
  },
  {
    name: 'refusals of a batch stand though its journal write failed',
    file: 'src/store/store.js',
    text: 'results : commands.map(() => journaled)',
    replacement: 'results : results.map((result) => (result.ok ? journaled : result))',
  },
  {
    name: 'after a failed sync the store goes on',
    file: 'src/store/journal.js',
    text: 'this.broken = `fdatasync of',
    replacement: 'void `fdatasync of',
  },
  {
    name: 'a repeated request is carried out again',
    file: 'src/store/answers.js',
    text: 'answer === undefined || answer.expiresMs <= nowMs',
    replacement: 'true',
  },
  {
    name: 'the copies that nodes have of a BMC are not renewed',
    file: 'src/store/rules/bmc.js',
    text: 'afterPut: renewCopies,',
    replacement: '',
  },
  {
    name: 'a node may be in two partitions',
    file: 'src/store/rules/node-collection.js',
    text: "if (type !== 'partition' && type !== 'tenant')",
    replacement: "if (type !== 'tenant')",
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
      const name = MUTANTS[number]?.name ?? '';
      process.stdout.write(`${name}: ${how ?? 'NOT NOTICED'}\n`);
      if (how === undefined) run.fail(seed, `nothing was noticed in ${LIVES_MAX} lives: ${name}`);
    }
  },
};
