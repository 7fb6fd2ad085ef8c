import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentCounts, type RenewalCounts } from '../../src/agent/agent-counts.ts';
import type { EndpointFigures } from '../../src/agent/figures.ts';
import { AgentRig, agentConfig, endpointConfig, works } from '../agent/agent-rig.ts';
import { diskError, troubledFiles } from '../store/failing-files.ts';

/** A period of 10 minutes, a tick of 1: due after 8 minutes and 59 seconds, at its end after 10. */

const MINUTE = 60_000;

function latenessOf({ lateness }: RenewalCounts): object {
  return Object.fromEntries(lateness.bounds.map((bound, place) => [bound, lateness.counts[place]] as const).filter(([, count]) => count !== 0));
}

function figuresOf(rig: AgentRig, name = 'oscars'): EndpointFigures {
  const found = rig.agent.figures.endpoints.find((endpoint) => endpoint.name === name);
  assert.ok(found !== undefined);
  return found;
}

test('a renewal is as late as the tick that began it, and one behind the real end is counted as such', async () => {
  const counts = new AgentCounts();
  const rig = await AgentRig.start({ counts });
  rig.plugins.answering = works();
  await rig.agent.join('oscars', {}, 'admin');
  for (let minute = 1; minute <= 9; minute++) await rig.pass(MINUTE);
  assert.deepEqual([latenessOf(counts.renewalsAt('oscars')), counts.renewalsAt('oscars').afterEnd], [{ 1: 1 }, 0]);
  await rig.pass(10.5 * MINUTE);
  assert.deepEqual([latenessOf(counts.renewalsAt('oscars')), counts.renewalsAt('oscars').afterEnd], [{ 1: 1, 120: 1 }, 1]);
});

test('what is under way, what waits and for how long is told while a plugin does not answer', async () => {
  const rig = await AgentRig.start({ config: agentConfig([endpointConfig('oscars', { concurrentRenewals: 2 })]) });
  rig.plugins.answering = works();
  for (let count = 0; count < 5; count++) await rig.agent.join('oscars', {}, 'admin');
  assert.deepEqual(
    [...figuresOf(rig).reservations].filter(([, count]) => count > 0),
    [['active', 5]],
  );
  rig.plugins.answering = () => undefined;
  await rig.pass(9 * MINUTE);
  assert.deepEqual(figuresOf(rig).renewals, { underWay: 2, waiting: 3, waitMs: 1000 });
  rig.clock.ms += 7000;
  assert.equal(figuresOf(rig).renewals.waitMs, 8000);
  rig.plugins.answering = works();
  for (const held of rig.plugins.underWay) held.returns({});
  await rig.settled();
  assert.deepEqual(figuresOf(rig).renewals, { underWay: 0, waiting: 0, waitMs: 0 });
});

test('outcomes that the disk does not take are told until it does', async () => {
  const disk = troubledFiles();
  const rig = await AgentRig.start({ rig: { files: disk.files } });
  rig.plugins.answering = works();
  await rig.agent.join('oscars', {}, 'admin');
  disk.trouble = ({ name, path }) => (name === 'write' && path.endsWith('.journal') ? diskError('ENOSPC') : undefined);
  await rig.pass(9 * MINUTE);
  await rig.until(() => rig.agent.figures.unwritten === 1);
  disk.trouble = undefined;
  await rig.until(() => rig.agent.figures.unwritten === 0);
});

test('an endpoint that is configured no more is told as such as long as it has reservations', async () => {
  const rig = await AgentRig.start({ config: agentConfig([endpointConfig('oscars'), endpointConfig('other')]) });
  rig.plugins.answering = works();
  await rig.agent.join('oscars', {}, 'admin');
  await rig.agent.reload(agentConfig([endpointConfig('other')]));
  assert.deepEqual(
    rig.agent.figures.endpoints.map(({ name, isConfigured, plugin }) => [name, isConfigured, plugin?.queueLengthMax]),
    [
      ['other', true, 100],
      ['oscars', false, 100],
    ],
  );
});
