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
import { BUILT_IN, Rig, seededRandom, withRig } from '../../store/rig.ts';
import { DAMAGES, type Damage } from './damages.ts';
import { copyOf, makeSite, OPTIONS, type Outcome, type Site, startTwice, treeOf } from './site.ts';

const SITE = await makeSite();
const OTHER = await makeSite();

test('whatever is damaged, a start has all that was acknowledged, says what it lacks, or is refused and changes nothing', async (context) => {
  for (const damage of DAMAGES) await context.test(damage.name, () => holds(damage, SITE, OTHER));
});

test('what is put aside is on disk before it is missed, and a new epoch is owed from then on', async () => {
  const copy = copyOf(SITE.directory);
  const last = `journal/${SITE.segments.at(-1)}`;
  const { files, calls } = troubledFiles();
  const folder = putAside(files, copy, SITE.clock, [{ path: last, fromByte: SEGMENT_HEADER_BYTES }]);
  const made = calls.map(({ name, path }) => `${name} ${path}`);
  const before = made.slice(0, made.indexOf(`truncate ${join(copy, last)}`));
  assert.deepEqual(
    [join(folder, last), join(folder, 'journal'), folder, copy, join(copy, 'journal')].filter(
      (path) => !before.includes(`syncFile ${path}`) && !before.includes(`syncDirectory ${path}`),
    ),
    [],
  );
  // A server that is started before the doctor has done the rest.
  await withRig(Rig.open(copy, OPTIONS, SITE.clock), async (rig) => assert(rig.status.epoch > SITE.epoch));
});

async function holds(damage: Damage, site: Site, other: Site): Promise<void> {
  const copy = copyOf(site.directory);
  damage.do(copy, site, other);
  const damaged = treeOf(copy);
  const aside = copyOf(copy);
  const prognosis = await prognosisOf(doctorParts(site, copy));
  assert.deepEqual(treeOf(copy), damaged, 'the doctor only looks');
  const outcome = await startTwice(site, copy);
  assert.match(answerOf(outcome, site), damage.expected instanceof RegExp ? damage.expected : new RegExp(`^${damage.expected}$`));
  if (damage.told !== undefined && outcome.type === 'started') assert.match(outcome.log.join('\n'), damage.told);
  isWhatTheDoctorSaid(prognosis, outcome);
  if (outcome.type === 'refused') {
    await overridden(site, aside, prognosis);
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
async function overridden(site: Site, copy: string, { override }: Prognosis): Promise<void> {
  if (override?.possible !== true) return;
  const before = filesOf(copy);
  const folder = putAside(realFiles, copy, site.clock, override.aside);
  for (const [name, content] of Object.entries(before)) {
    const kept = filesOf(copy)[name];
    if (kept !== content) assert.equal(filesOf(folder)[name], content, `${name} is in the folder of what was put aside`);
  }
  const start = await tryStart(doctorParts(site, copy), realFiles);
  assert(start.starts, 'a start goes through');
  assert(start.epoch > site.epoch);
  assert.equal(start.sequence, override.start.sequence);
  assert.deepEqual(override.lost?.from ?? start.sequence + 1, start.sequence + 1);
  assert.equal(override.lost?.to ?? start.sequence, Math.max(start.sequence, override.lost?.to ?? 0));
  if (start.sequence < site.lastSequence - 1) assert(override.lost !== undefined, 'what is lost is told');
  await withRig(Rig.open(copy, OPTIONS, site.clock), async (rig) => {
    assert.deepEqual(rig.images(), site.states[start.sequence]);
    assert.equal(rig.status.epoch, start.epoch);
  });
}

function filesOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(treeOf(folder)).filter(([name, content]) => content !== 'a folder' && !name.startsWith('aside-')));
}

function doctorParts(site: Site, directory: string): DoctorParts {
  const random = seededRandom();
  return { directory, clock: site.clock, random, kinds: OPTIONS.kinds ?? BUILT_IN, openWorkingSet: openDuckDb, vault: new Vault(Buffer.alloc(32, 7), random) };
}

function answerOf(outcome: Outcome, site: Site): string {
  if (outcome.type === 'refused') return outcome.message;
  if (outcome.brokenSnapshots > 0) return 'fallback';
  return outcome.sequence === site.lastSequence ? 'whole' : 'cut';
}
