import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Prognosis, prognosisOf } from '../../../src/store/doctor/diagnosis.ts';
import { putAside } from '../../../src/store/doctor/put-aside.ts';
import { type DoctorParts, tryStart } from '../../../src/store/doctor/try-start.ts';
import { openDuckDb } from '../../../src/store/duckdb-working-set.ts';
import { realFiles } from '../../../src/store/files.ts';
import { SEGMENT_HEADER_BYTES } from '../../../src/store/journal-format.ts';
import { Vault } from '../../../src/store/vault.ts';
import { troubledFiles } from '../../store/failing-files.ts';
import { BUILT_IN, Rig, type RigOptions, seededRandom, withRig } from '../../store/rig.ts';
import { plainTables } from '../plain-tables.ts';
import { type Damage, IN_FILES, IN_JOURNAL, IN_SNAPSHOTS } from './damages.ts';
import { copyOf, makeSite, OPTIONS, type Outcome, type Site, startTwice, treeOf } from './site.ts';

/** Two data folders with the same sequences, and the tables that they are opened with. */
interface Ground {
  readonly options: RigOptions;
  readonly site: Site;
  readonly other: Site;
}

const PLAIN_OPTIONS = { ...OPTIONS, openWorkingSet: plainTables(realFiles) };

test('whatever is damaged, a start has all that was acknowledged, says what it lacks, or is refused and changes nothing', async (context) => {
  // What is wrong with the journal, or with bytes that a manifest tells of, is noticed before DuckDB is asked.
  const plain = await groundOn(PLAIN_OPTIONS);
  for (const damage of [...IN_JOURNAL, ...IN_FILES]) await context.test(damage.name, () => holds(damage, plain));
  const duckDb = await groundOn(OPTIONS);
  for (const damage of IN_SNAPSHOTS) await context.test(damage.name, () => holds(damage, duckDb));
});

test('what is put aside is on disk before it is missed, and a new epoch is owed from then on', async () => {
  const site = await makeSite(PLAIN_OPTIONS);
  const copy = copyOf(site.directory);
  const last = `journal/${site.segments.at(-1)}`;
  const { files, calls } = troubledFiles();
  const folder = putAside(files, copy, site.clock, [{ path: last, fromByte: SEGMENT_HEADER_BYTES }]);
  const made = calls.map(({ name, path }) => `${name} ${path}`);
  const before = made.slice(0, made.indexOf(`truncate ${join(copy, last)}`));
  assert.deepEqual(
    [join(folder, last), join(folder, 'journal'), folder, copy, join(copy, 'journal')].filter(
      (path) => !before.includes(`syncFile ${path}`) && !before.includes(`syncDirectory ${path}`),
    ),
    [],
  );
  // A server that is started before the doctor has done the rest.
  await withRig(Rig.open(copy, PLAIN_OPTIONS, site.clock), async (rig) => assert(rig.status.epoch > site.epoch));
});

async function groundOn(options: RigOptions): Promise<Ground> {
  return { options, site: await makeSite(options), other: await makeSite(options) };
}

async function holds(damage: Damage, { options, site, other }: Ground): Promise<void> {
  const copy = copyOf(site.directory);
  damage.do(copy, site, other);
  const damaged = treeOf(copy);
  const aside = copyOf(copy);
  const prognosis = await prognosisOf(doctorParts(site, copy, options));
  assert.deepEqual(treeOf(copy), damaged, 'the doctor only looks');
  const outcome = await startTwice(site, copy, options);
  assert.match(answerOf(outcome, site), damage.expected instanceof RegExp ? damage.expected : new RegExp(`^${damage.expected}$`));
  if (damage.told !== undefined && outcome.type === 'started') assert.match(outcome.log.join('\n'), damage.told);
  isWhatTheDoctorSaid(prognosis, outcome);
  if (outcome.type === 'refused') {
    await overridden(site, aside, prognosis, options);
    return;
  }
  if (outcome.log.some((line) => line.includes('A new epoch begins'))) assert.notEqual(outcome.epoch, site.epoch);
  else assert.equal(outcome.epoch, site.epoch);
  assert.equal(prognosis.acts.length > 0, JSON.stringify(treeOf(copy)) !== JSON.stringify(damaged), 'what a start changes is foretold');
}

function isWhatTheDoctorSaid({ start }: Prognosis, outcome: Outcome): void {
  if (outcome.type === 'refused') {
    assert(!start.starts);
    assert.deepEqual({ message: start.message, exitCode: start.exitCode }, { message: outcome.message, exitCode: outcome.exitCode });
  } else {
    assert(start.starts);
    assert.deepEqual({ sequence: start.sequence, told: start.told }, { sequence: outcome.sequence, told: outcome.log });
  }
}

/** With `--drop-damaged`: a state that there was, a new epoch, a list of what is not there any more, and nothing deleted. */
async function overridden(site: Site, copy: string, { override }: Prognosis, options: RigOptions): Promise<void> {
  if (override?.possible !== true) return;
  const before = filesOf(copy);
  const folder = putAside(realFiles, copy, site.clock, override.aside);
  for (const [name, content] of Object.entries(before)) {
    const kept = filesOf(copy)[name];
    if (kept !== content) assert.equal(filesOf(folder)[name], content, `${name} is in the folder of what was put aside`);
  }
  const start = await tryStart(doctorParts(site, copy, options), realFiles);
  assert(start.starts, 'a start goes through');
  assert(start.epoch > site.epoch);
  assert.equal(start.sequence, override.start.sequence);
  assert.deepEqual(override.lost?.from ?? start.sequence + 1, start.sequence + 1);
  assert.equal(override.lost?.to ?? start.sequence, Math.max(start.sequence, override.lost?.to ?? 0));
  if (start.sequence < site.lastSequence - 1) assert(override.lost !== undefined, 'what is lost is told');
  await withRig(Rig.open(copy, options, site.clock), async (rig) => {
    assert.deepEqual(rig.images(), site.states[start.sequence]);
    assert.equal(rig.status.epoch, start.epoch);
  });
}

function filesOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(treeOf(folder)).filter(([name, content]) => content !== 'a folder' && !name.startsWith('aside-')));
}

function doctorParts(site: Site, directory: string, { kinds = BUILT_IN, openWorkingSet = openDuckDb }: RigOptions): DoctorParts {
  const random = seededRandom();
  return { directory, clock: site.clock, random, kinds, openWorkingSet, vault: new Vault(Buffer.alloc(32, 7), random) };
}

function answerOf(outcome: Outcome, site: Site): string {
  if (outcome.type === 'refused') return outcome.message;
  if (outcome.brokenSnapshots > 0) return 'fallback';
  return outcome.sequence === site.lastSequence ? 'whole' : 'cut';
}
