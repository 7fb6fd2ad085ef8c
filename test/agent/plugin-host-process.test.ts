import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ProcessRooms } from '../../src/agent/plugin-host/process-rooms.ts';
import { eventually, FAULTS_PLUGIN, faultOf, messageIn, propertiesIn, withHost } from './plugin-host-rig.ts';

const VICTIM = fileURLToPath(new URL('./plugin-host-victim.js', import.meta.url));
const works = (command: string, ...parameters: string[]): boolean => spawnSync(command, parameters).status === 0;
const hasSetpriv = works('setpriv', '--pdeathsig', 'KILL', '--', 'true');
const hasPrlimit = works('prlimit', '--core=0', '--', 'true');
const isRoot = process.getuid?.() === 0;
const nobody = { uid: Number(spawnSync('id', ['-u', 'nobody']).stdout), gid: Number(spawnSync('id', ['-g', 'nobody']).stdout) };
const nobodyReads = isRoot && spawnSync(process.execPath, [FAULTS_PLUGIN], nobody).status === 0;

const directory = mkdtempSync(join(tmpdir(), 'holdfast-plugins-'));
after(() => rmSync(directory, { recursive: true, force: true }));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a plugin in a process of its own', { concurrency: 4 }, () => {
  test('cannot fill the memory of the machine with buffers', { skip: hasPrlimit ? false : 'prlimit is not on this machine' }, () =>
    withHost({ isolation: 'process', memoryMiB: 32 }, async ({ join }) => {
      const outcome = await join('buffers', 20_000);
      assert.match(outcome.type, /^(died|threw)$/);
      assert.match(messageIn(outcome), /memory|allocation/);
      assert.equal((await join('fine')).type, 'returned');
    }),
  );

  test('runs as the account that is configured', { skip: nobodyReads ? false : 'needs root, and a build that nobody may read' }, () =>
    withHost({ isolation: 'process', user: 'nobody' }, async ({ join }) => {
      const { uid, gid } = propertiesIn(await join('identity'));
      assert.deepEqual({ uid, gid }, { uid: String(nobody.uid), gid: String(nobody.gid) });
    }),
  );

  test('is refused when its account does not exist', async () => {
    assert.match(await faultOf({ isolation: 'process', user: 'no-such-account' }), /there is no account no-such-account on this machine/);
    assert.match(await faultOf({ isolation: 'process', user: '--help' }), /there is no account --help/);
  });

  test('that cannot be started at all is a fault with a sentence', async () => {
    const rooms = new ProcessRooms(
      1,
      { command: '/no/such/node', parameters: [], account: undefined },
      { endpoint: 'e', plugin: 'null', exportName: 'default', resolveFrom: '/', configText: null, properties: {}, instance: 'i' },
      {},
    );
    const why = await new Promise<string>((resolve) => {
      rooms.open({
        opened: (room) => void room.start(),
        ending: () => rooms.close(),
        ended: (_room, reason) => resolve(reason),
        said: () => undefined,
      });
    });
    assert.match(why, /its process could not be started: .*ENOENT/);
  });

  test('takes what it started along when it ends', () =>
    withHost({ isolation: 'process' }, async ({ join: call, host }) => {
      const { pid } = propertiesIn(await call('identity'));
      const group = (): string => spawnSync('pgrep', ['-g', pid ?? '']).stdout.toString();
      void call('native-hang', 60_000, { seconds: '60' });
      await eventually(() => group().trim().split('\n').length === 2);
      await host.close(0);
      await eventually(() => group() === '');
    }));

  for (const [behaviour, what] of [
    ['hang', 'waits'],
    ['loop', 'loops'],
  ] as const) {
    const skip = behaviour === 'loop' && !hasSetpriv ? 'setpriv is not on this machine' : false;
    test(`dies with a server that is killed, also while it ${what}`, { skip }, async () => {
      const server = spawn(process.execPath, [VICTIM, behaviour, `killed-${process.pid}-${behaviour}`], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(server.stdout, 'data')) as [Buffer];
      const pid = Number(propertiesIn(JSON.parse(line.toString()))['pid']);
      assert.ok(isAlive(pid));
      server.kill('SIGKILL');
      try {
        await eventually(() => !isAlive(pid));
      } finally {
        if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      }
    });
  }

  const meddling = (write: string): string => {
    const plugin = join(directory, `meddling-${write.length}.mjs`);
    const text = `import { writeSync } from 'node:fs';
      import faults from ${JSON.stringify(FAULTS_PLUGIN)};
      const send = (text) => { try { writeSync(3, text); } catch (error) { if (error.code !== 'EAGAIN') throw error; } };
      export default () => ({ ...faults(), join: () => { ${write}; return new Promise(() => {}); } });`;
    writeFileSync(plugin, text);
    return plugin;
  };
  for (const [what, write, expected] of [
    ['nonsense', 'send("nonsense\\n")', /sent something that is no JSON/],
    ['messages of no kind', 'send("{}\\n")', /sent something that is no message/],
    [
      'outcomes of calls that it did not get',
      'send(JSON.stringify({ type: "ended", id: 99, outcome: {} }) + "\\n")',
      /the outcome of a call that it was not asked for/,
    ],
    ['a message without end', 'setInterval(() => { for (let n = 0; n < 50; n++) send("x".repeat(65536)); }, 1)', /a message of more than 33554432 bytes/],
  ] as const) {
    test(`that sends the server ${what} is ended`, () =>
      withHost({ isolation: 'process', plugin: meddling(write) }, async ({ join }) => {
        const outcome = await join('anything', 20_000);
        assert.equal(outcome.type, 'died');
        assert.match(messageIn(outcome), expected);
      }));
  }
});

describe('a plugin in a thread', { concurrency: 4 }, () => {
  test('that hangs in native code is replaced at once; its call has ended when the thread has', () =>
    withHost({ isolation: 'thread' }, async ({ join }) => {
      const started = performance.now();
      const hanging = join('native-hang', 100, { seconds: '3' });
      assert.equal(await Promise.race([join('fine').then(({ type }) => type), hanging.then(() => 'the call that hangs has ended')]), 'returned');
      assert.equal((await hanging).type, 'late');
      assert.ok(performance.now() - started > 2900);
    }));

  test('that does not end at all is given up after a while, and the log says so', () =>
    withHost({ isolation: 'thread' }, async ({ join, log }) => {
      const outcome = await join('native-hang', 100, { seconds: '7' });
      assert.equal(outcome.type, 'late');
      assert.match(messageIn(outcome), /could not be ended, and may still run/);
      assert.ok(log.messages.includes('a plugin does not end'));
    }));
});
