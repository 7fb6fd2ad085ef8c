import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent } from '../../src/agent/agent.ts';
import { OwnerClient } from '../../src/dispatch/owner-client.ts';
import { done } from '../../src/faults.ts';
import type { OwnerReply, OwnerTask } from '../../src/protocol/commands.ts';
import { onlyKinds, Rig, seededRandom } from '../store/rig.ts';
import { AgentRig, ONE, Plugins, works } from './agent-rig.ts';

const MINUTE = 60_000;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function turns(count: number): Promise<void> {
  for (let each = 0; each < count; each++) await turn();
}

test('while the store is away no plugin is called without its properties, and a join that is asked for again is not said to be gone', async () => {
  const at = await AgentRig.start();
  at.plugins.answering = (held) => held.returns({ reservationId: 'r1', properties: { vlan: '7' } });
  const idempotency = { key: 'once', requestHash: 'hash' };
  await at.agent.join('oscars', {}, 'admin', idempotency);
  at.plugins.answering = () => undefined;
  const first = at.agent.status('oscars', 'r1');
  await turns(5);
  const waiting = [at.agent.status('oscars', 'r1'), at.agent.join('oscars', {}, 'admin', idempotency)];
  await turns(50);
  at.rig.view.reset();
  at.plugins.of('status')[0]?.returns();
  await first;
  const answers = await Promise.all(waiting);
  assert.deepEqual(
    answers.map((answer) => !answer.ok && answer.fault.code),
    ['recovering', 'recovering'],
  );
  assert.equal(at.plugins.of('status').length, 1);
});

test('an intent that was journaled as the owner died is settled, though another operation waited for its turn', async () => {
  const rig = await Rig.open(undefined, { kinds: onlyKinds('Component') });
  const { view, clock } = rig;
  let { store } = rig;
  let diesAfterWrite = false;
  let agent: Agent | undefined;
  const transport = async (task: OwnerTask): Promise<OwnerReply> => {
    const reply = await store.run(task);
    if (!diesAfterWrite || task.lane !== 'write') return reply;
    diesAfterWrite = false;
    throw new Error('the thread is gone');
  };
  const owner = new OwnerClient(transport, view, { log: () => undefined, died: () => agent?.unload(), fatal: () => undefined });
  owner.status = rig.status;
  const plugins = new Plugins();
  const ignore = (): void => undefined;
  agent = new Agent(
    {
      owner,
      view,
      clock,
      random: seededRandom(3),
      openHost: async (config) => done({ host: plugins.host(config.name), features: { find: false, list: false } }),
      sleep: turn,
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    },
    ONE,
  );
  await agent.start();
  agent.load();
  plugins.answering = (held) => held.returns({ reservationId: 'r1' });
  await agent.join('oscars', {}, 'admin');
  plugins.answering = () => undefined;
  diesAfterWrite = true;
  const modify = agent.modify('oscars', 'r1', {}, 'admin');
  const status = agent.status('oscars', 'r1');
  const modified = await modify;
  assert.equal(!modified.ok && modified.fault.code, 'outcome-unknown');
  const next = await rig.another();
  store = next.store;
  store.show(view.viewer());
  for (const reply of next.replies) owner.revive(reply);
  agent.load();
  await turns(50);
  plugins.of('status')[0]?.returns();
  await status;
  plugins.answering = works();
  for (let minute = 0; minute < 20; minute++) {
    clock.ms += MINUTE;
    agent.look();
    await turns(40);
  }
  const found = agent.find('oscars', 'r1');
  assert.equal(found.ok && found.value.state, 'active');
  assert.equal(plugins.of('renew').length, 2);
  assert.equal((await agent.leave('oscars', 'r1', {}, 'admin')).ok, true);
});
