import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { DAMAGES, type Damage } from './damages.ts';
import { copyOf, makeSite, type Outcome, type Site, startTwice } from './site.ts';

const SITE = await makeSite();
const OTHER = await makeSite();

test('whatever is damaged, a start has all that was acknowledged, says what it lacks, or is refused and changes nothing', async (context) => {
  for (const damage of DAMAGES) await context.test(damage.name, () => holds(damage, SITE, OTHER));
});

async function holds(damage: Damage, site: Site, other: Site): Promise<void> {
  const copy = copyOf(site.directory);
  damage.do(copy, site, other);
  const outcome = await startTwice(site, copy);
  assert.match(answerOf(outcome, site), damage.expected instanceof RegExp ? damage.expected : new RegExp(`^${damage.expected}$`));
  if (outcome.type === 'started' && outcome.log.some((line) => line.includes('A new epoch begins'))) assert.notEqual(outcome.epoch, site.epoch);
  else if (outcome.type === 'started') assert.equal(outcome.epoch, site.epoch);
  if (damage.told !== undefined && outcome.type === 'started') assert.match(outcome.log.join('\n'), damage.told);
}

function answerOf(outcome: Outcome, site: Site): string {
  if (outcome.type === 'refused') return outcome.message;
  if (outcome.brokenSnapshots > 0) return 'fallback';
  return outcome.sequence === site.lastSequence ? 'whole' : 'cut';
}
