import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import type { PluginCall, PluginOutcome } from '../../src/protocol/plugin-calls.ts';
import { eventually, INSTANCE, ISOLATIONS, type Isolation, messageIn, propertiesIn, withHost } from './plugin-host-rig.ts';

// One interface, two ways to keep a plugin apart: whatever holds for the one holds for the other.
for (const isolation of ISOLATIONS) describe(`a plugin in a ${isolation}`, { concurrency: 4 }, () => suite(isolation));

function suite(isolation: Isolation): void {
  test('gets every call with its arguments, and its answers come back whole', () =>
    withHost({ isolation }, async ({ host }) => {
      const until = '2030-01-02T03:04:05.000Z';
      const run = (call: Omit<PluginCall, 'operationId'>, operationId = 'op'): Promise<PluginOutcome> =>
        host.call({ ...call, operationId } as PluginCall, 5000).ended;
      const untilMs = Date.parse(until);
      assert.deepEqual(await run({ operation: 'join', input: { untilMs, callerProperties: { a: 'é\n😀' } } }), {
        type: 'returned',
        answer: { status: 0, reservationId: 'res-1', properties: { a: 'é\n😀', until }, errorMessage: null },
      });
      const schedProperties = { s: '1' };
      const renewed = await run({ operation: 'renew', input: { reservationId: 'r', untilMs, joinProperties: { j: '2' }, schedProperties } });
      assert.deepEqual(propertiesIn(renewed), { reservationId: 'r', until, j: '2', s: '1' });
      for (const operation of ['leave', 'modify'] as const) {
        const changed = await run({ operation, input: { reservationId: 'r', callerProperties: { c: '3' }, schedProperties } });
        assert.deepEqual(propertiesIn(changed), { reservationId: 'r', c: '3', s: '1' });
      }
      assert.deepEqual(await run({ operation: 'status', input: { reservationId: 'r', schedProperties } }), {
        type: 'returned',
        answer: { status: 3, reservationId: null, properties: schedProperties, errorMessage: 'r is down' },
      });
      assert.deepEqual(await run({ operation: 'find', input: { joinOperationId: 'lost' } }), { type: 'nothing' });
      assert.equal((await run({ operation: 'find', input: { joinOperationId: 'junk' } })).type, 'junk');
      const found = await run({ operation: 'find', input: { joinOperationId: 'j1' } });
      assert.equal(found.type === 'returned' ? found.answer.reservationId : '', 'of-j1');
      assert.deepEqual(await run({ operation: 'list', input: {} }), { type: 'listed', reservationIds: ['a', 'b'] });
      assert.equal((await run({ operation: 'list', input: {} }, 'junk')).type, 'junk');
    }));

  test('is told which call it serves, and of which Holdfast', () =>
    withHost({ isolation }, async ({ join }) => {
      const { operationId, instance } = propertiesIn(await join('context'));
      assert.equal(instance, INSTANCE);
      assert.match(operationId ?? '', new RegExp(`^${INSTANCE}-`));
    }));

  test('that hangs is ended after its time limit and the grace time; calls that waited go on', () =>
    withHost({ isolation }, async ({ host, join }) => {
      const started = performance.now();
      const hanging = join('hang', 200);
      const waiting = join('fine');
      assert.equal(host.queueLength, 1);
      const outcome = await hanging;
      const tookMs = performance.now() - started;
      assert.equal(outcome.type, 'late');
      assert.match(messageIn(outcome), /join did not end within its 200 ms/);
      assert.ok(tookMs >= 1100, `${tookMs} ms`);
      assert.equal((await waiting).type, 'returned');
    }));

  test('that blocks its event loop is ended all the same', () =>
    withHost({ isolation }, async ({ join }) => {
      assert.equal((await join('loop', 100)).type, 'late');
      assert.equal((await join('fine')).type, 'returned');
    }));

  test('learns by its signal that its time has passed, and may still answer', () =>
    withHost({ isolation }, async ({ host }) => {
      const running = host.call({ operation: 'join', operationId: 'op', input: { untilMs: 0, callerProperties: { do: 'answer-when-told' } } }, 100);
      assert.equal(await Promise.race([running.overdue.then(() => 'overdue'), running.ended.then(() => 'ended')]), 'overdue');
      assert.deepEqual(propertiesIn(await running.ended), { told: 'yes' });
    }));

  test('that throws because its signal was raised leaves the outcome unknown, and its neighbours alone', () =>
    withHost({ isolation, concurrentCalls: 2 }, async ({ join }) => {
      const neighbour = join('wait', 5000, { ms: '600' });
      assert.equal((await join('hang-politely', 100)).type, 'late');
      assert.equal((await neighbour).type, 'returned');
    }));

  test('that has to be ended takes the other calls of its thread or process along, and they are told as died', () =>
    withHost({ isolation, concurrentCalls: 2 }, async ({ join }) => {
      const neighbour = join('hang', 60_000);
      assert.equal((await join('hang', 100)).type, 'late');
      assert.equal((await neighbour).type, 'died');
      assert.match(messageIn(await neighbour), /exceeded its time limit/);
    }));

  test('waits in a bounded queue, and the time limit does not count while it waits', () =>
    withHost({ isolation, queueLengthMax: 2 }, async ({ host, join }) => {
      const outcomes = [join('wait', 500, { ms: '300' }), join('wait', 500, { ms: '300' }), join('fine', 500), join('fine', 500)];
      assert.equal(host.queueLength, 2);
      assert.deepEqual(
        (await Promise.all(outcomes)).map(({ type }) => type),
        ['returned', 'returned', 'returned', 'refused'],
      );
    }));

  test('works in as many threads or processes as it is given, with as many calls in each', () =>
    withHost({ isolation, threads: 2, concurrentCalls: 2, queueLengthMax: 0 }, async ({ join }) => {
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => join('wait', 5000, { ms: '200' })));
      assert.deepEqual(
        outcomes.map(({ type }) => type),
        ['returned', 'returned', 'returned', 'returned', 'refused'],
      );
    }));

  test('that calls process.exit dies alone, also when it does so after it has answered', () =>
    withHost({ isolation }, async ({ join }) => {
      const outcome = await join('exit');
      assert.equal(outcome.type, 'died');
      assert.match(messageIn(outcome), /exit code 3/);
      assert.equal((await join('exit-after')).type, 'returned');
      assert.equal((await join('hang', 5000)).type, 'died');
      assert.equal((await join('fine')).type, 'returned');
    }));

  test('whose error comes late never makes an innocent call fail as if it had thrown', () =>
    withHost({ isolation }, async ({ join }) => {
      for (const behaviour of ['throw-later', 'reject-later']) {
        assert.equal((await join(behaviour)).type, 'returned');
        const innocent = await join('hang', 5000);
        assert.equal(innocent.type, 'died');
        assert.match(messageIn(innocent), /an error outside of its calls ended its (thread|process): late and/);
      }
      assert.equal((await join('fine')).type, 'returned');
    }));

  test('that fills its heap dies, and the server lives', () =>
    withHost({ isolation, memoryMiB: 32 }, async ({ join }) => {
      const outcome = await join('heap', 30_000);
      assert.equal(outcome.type, 'died');
      assert.match(messageIn(outcome), /memory/);
      assert.equal((await join('fine')).type, 'returned');
    }));

  test('may throw anything; what is told of it is plain text of bounded length', () =>
    withHost({ isolation }, async ({ join }) => {
      const thrown = await join('throw');
      assert.deepEqual(thrown, { type: 'threw', message: 'no more ports' });
      for (const what of ['null', 'no-prototype', 'bad-text', 'odd-message', 'huge', 'ill-formed', 'function']) {
        const outcome = await join(`throw-${what}`);
        assert.equal(outcome.type, 'threw', what);
        const message = messageIn(outcome);
        assert.ok(message.length > 0 && message.length <= 4096, `${what}: ${message.length} characters`);
        assert.doesNotMatch(message, /[\0\ud800]/u);
      }
    }));

  test('may say that it cannot tell what became of a call', () =>
    withHost({ isolation }, async ({ join }) => {
      assert.deepEqual(await join('throw-unknown'), { type: 'junk', message: 'the connection broke' });
    }));

  test('logs under its endpoint and its call, and cannot flood the log', () =>
    withHost({ isolation }, async ({ join, log }) => {
      assert.equal((await join('log-oddly')).type, 'returned');
      await eventually(() => log.lines.length >= 3);
      const [long, control] = log.lines;
      assert.equal(long?.level, 'info');
      assert.equal(long?.fields['endpoint'], 'testing');
      assert.match(String(long?.fields['operationId']), new RegExp(`^${INSTANCE}-`));
      assert.equal(long?.message.length, 4096);
      assert.equal(control?.message, 'with control [31m characters');
      assert.equal((await join('log-flood')).type, 'returned');
      assert.ok(log.lines.length < 1000, `${log.lines.length} lines`);
    }));

  test('prints into the log, line by line', () =>
    withHost({ isolation }, async ({ join, log }) => {
      await join('print');
      await eventually(() => log.lines.length >= 3);
      const said = log.lines.map(({ level, message }) => `${level}: ${message}`);
      assert.deepEqual(said.sort(), ['info: and a second line', 'info: printed in two parts', 'warn: to the error stream']);
    }));

  test('lives on between its calls: timers run, connections are served', () =>
    withHost({ isolation }, async ({ join }) => {
      await join('start-ticking');
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.ok(Number(propertiesIn(await join('ticks'))['ticks']) >= 3);
    }));

  test('sees only the variables that its endpoint allows', async () => {
    process.env['HOLDFAST_TEST_ALLOWED'] = 'yes';
    process.env['HOLDFAST_TEST_SECRET'] = 'no';
    await withHost({ isolation, env: ['HOLDFAST_TEST_ALLOWED', 'HOLDFAST_TEST_ABSENT'] }, async ({ join }) => {
      assert.deepEqual(propertiesIn(await join('environment')), { HOLDFAST_TEST_ALLOWED: 'yes', HOLDFAST_INSTANCE: INSTANCE });
    });
  });

  test('that is ended leaves no process of its call behind', { skip: process.platform === 'linux' ? false : 'needs /proc' }, () =>
    withHost({ isolation }, async ({ join }) => {
      assert.equal((await join('start-child', 300)).type, 'late');
      await eventually(() => spawnSync('pgrep', ['-f', '^sleep 86.25$']).stdout.toString() === '');
    }),
  );

  test('that does not start again has its calls refused, with the reason', async () => {
    let starts = 0;
    const { createServer } = await import('node:net');
    const server = createServer((socket) => {
      starts += 1;
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const plugin = new URL('./plugins/starts-once.js', import.meta.url).pathname;
    await withHost({ isolation, plugin, properties: { port: String(port) } }, async ({ join }) => {
      // The kernel takes the connection before this process hears of it.
      await eventually(() => starts === 1);
      server.close();
      assert.equal((await join('exit')).type, 'died');
      const refused = await join('fine');
      assert.equal(refused.type, 'refused');
      assert.match(messageIn(refused), /does not start: .*initialize failed: .*ECONNREFUSED/);
    });
    assert.equal(starts, 1);
  });

  test('gives the next seat to renewals and leaves, however many joins came before them', () =>
    withHost({ isolation, queueLengthMax: 3 }, async ({ host, join }) => {
      const order: string[] = [];
      const blocking = join('wait', 5000, { ms: '300' });
      const schedProperties = {};
      const calls: readonly (readonly [PluginCall['operation'], object])[] = [
        ['status', { reservationId: 'r', schedProperties }],
        ['join', { untilMs: 0, callerProperties: { do: 'fine' } }],
        ['find', { joinOperationId: 'j1' }],
        ['join', { untilMs: 0, callerProperties: { do: 'fine' } }],
        ['leave', { reservationId: 'r', callerProperties: {}, schedProperties }],
        ['renew', { reservationId: 'r', untilMs: 0, joinProperties: {}, schedProperties }],
      ];
      const ended = calls.map(async ([operation, input], index) => {
        const outcome = await host.call({ operation, operationId: `op-${index}`, input } as PluginCall, 5000).ended;
        order.push(outcome.type === 'returned' ? operation : `${operation} ${outcome.type}`);
      });
      assert.equal(host.queueLength, 3);
      await Promise.all([blocking, ...ended]);
      assert.deepEqual(order, ['join refused', 'leave', 'renew', 'find', 'join', 'status']);
    }));

  test('that is closed lets calls run and start until the limit, tells the rest to end, and refuses what waits then and what comes', () =>
    withHost({ isolation, concurrentCalls: 3 }, async ({ host, join }) => {
      const calls = [join('wait', 5000, { ms: '200' }), join('answer-when-told', 60_000), join('hang', 60_000)];
      const waiting = [join('fine'), join('hang', 60_000), join('fine')];
      const closing = host.close(1000);
      assert.equal((await join('fine')).type, 'refused');
      await closing;
      assert.deepEqual(
        (await Promise.all([...calls, ...waiting])).map(({ type }) => type),
        ['returned', 'returned', 'died', 'returned', 'died', 'refused'],
      );
    }));

  test('that is closed ends as soon as nothing runs or waits, and a second close can only make the limit shorter', () =>
    withHost({ isolation }, async ({ host, join }) => {
      const started = performance.now();
      const hanging = join('hang', 600_000);
      const first = host.close(600_000);
      const second = host.close(100);
      await Promise.all([first, second, host.close(600_000)]);
      assert.equal((await hanging).type, 'died');
      assert.ok(performance.now() - started < 5000);
    }));
}
