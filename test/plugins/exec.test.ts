import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readAnswer } from '../../plugins/exec/script-answer.ts';
import type { PluginOutcome, Properties } from '../../src/protocol/plugin-calls.ts';
import { eventually, faultOf, INSTANCE, ISOLATIONS, messageIn, propertiesIn, type TestHost, withHost } from '../agent/plugin-host-rig.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-exec-'));
after(() => rmSync(directory, { recursive: true, force: true }));

let scripts = 0;

/** Writes a script. @returns its path. */
function script(text: string, mode = 0o755): string {
  scripts += 1;
  const path = join(directory, `script-${scripts}.sh`);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, mode);
  return path;
}

/** All five commands are one, but for those that are given. */
function commands(all: string, others: Properties = {}): Properties {
  return { 'exec.join': all, 'exec.leave': all, 'exec.modify': all, 'exec.renew': all, 'exec.status': all, ...others };
}

const FINE = 'echo "OK; fine"';

async function withExec(properties: Properties, run: (host: TestHost) => Promise<void>, changes: Parameters<typeof withHost>[0] = {}): Promise<void> {
  await withHost({ plugin: 'exec', properties, concurrentCalls: 4, ...changes }, run);
}

/** Lines `NAME=value` of a file that a script wrote. */
function variablesIn(path: string): Readonly<Record<string, string>> {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

describe('the exec plugin', { concurrency: 3 }, () => {
  for (const isolation of ISOLATIONS) {
    test(`runs a script for each call, in a ${isolation}`, async () => {
      const record = join(directory, `record-${isolation}`);
      const tell = script(`printf '%s\\n' "$#:$1:$2:$3" "$(pwd)" >> ${record}; env > ${record}.env; echo noise; echo "OK all is well; new-$1"`);
      await withExec(
        { ...commands(`${tell}  first\tsecond `), 'exec.wd': directory },
        async ({ host }) => {
          const untilMs = Date.parse('2031-02-03T04:05:06.007Z');
          const callerProperties = { 'unit.vlan.tag': '7', both: 'caller' };
          const schedProperties = { both: 'sched', 'sched.only': 'x' };
          const recorded = (): readonly string[] => readFileSync(record, 'utf8').trimEnd().split('\n').slice(-2);
          const environment = (): Readonly<Record<string, string>> => variablesIn(`${record}.env`);

          const join1 = await host.call({ operation: 'join', operationId: 'op-1', input: { untilMs, callerProperties } }, 10_000).ended;
          assert.deepEqual(join1, {
            type: 'returned',
            answer: { status: 0, reservationId: 'new-first', properties: callerProperties, errorMessage: null },
          });
          assert.deepEqual(recorded(), ['2:first:second:', directory]);
          const joinEnvironment = environment();
          assert.deepEqual(
            { vlan: joinEnvironment['UNIT_VLAN_TAG'], both: joinEnvironment['BOTH'], until: joinEnvironment['UNTIL'] },
            { vlan: '7', both: 'caller', until: '2031-02-03T04:05:06.007Z' },
          );
          assert.equal(joinEnvironment['HOLDFAST_INSTANCE'], INSTANCE);
          assert.equal(joinEnvironment['HOLDFAST_OPERATION_ID'], 'op-1');

          for (const operation of ['leave', 'modify'] as const) {
            const input = { reservationId: 'r 1', callerProperties, schedProperties };
            const changed = await host.call({ operation, operationId: 'op-2', input }, 10_000).ended;
            assert.deepEqual(propertiesIn(changed), { ...schedProperties, ...callerProperties, 'new.reservationid': 'new-first' });
            assert.equal(changed.type === 'returned' ? changed.answer.reservationId : '', 'r 1');
            assert.deepEqual(recorded(), ['3:first:second:r 1', directory]);
            assert.equal(environment()['BOTH'], 'caller');
            assert.equal(environment()['UNTIL'], undefined);
          }

          const renewInput = {
            reservationId: 'r 1',
            untilMs,
            joinProperties: { both: 'join' },
            schedProperties: { ...schedProperties, 'new.reservationid': 'r 2' },
          };
          const renewed = await host.call({ operation: 'renew', operationId: 'op-3', input: renewInput }, 10_000).ended;
          assert.deepEqual(propertiesIn(renewed), { ...schedProperties, 'new.reservationid': 'new-first' });
          assert.deepEqual(recorded(), ['3:first:second:r 2', directory]);
          assert.equal(environment()['BOTH'], 'join');
          assert.equal(environment()['UNTIL'], '2031-02-03T04:05:06.007Z');

          const statusInput = { reservationId: 'r 1', schedProperties: { 'new.reservationid': 'r 3' } };
          assert.deepEqual(await host.call({ operation: 'status', operationId: 'op-4', input: statusInput }, 10_000).ended, {
            type: 'returned',
            answer: { status: 0, reservationId: 'r 1', properties: { 'new.reservationid': 'r 3' }, errorMessage: 'all is well' },
          });
          assert.deepEqual(recorded(), ['3:first:second:r 3', directory]);
        },
        { isolation },
      );
    });
  }

  test('gives scripts a clean environment, and leaves out what would change how programs run', async () => {
    const record = join(directory, 'clean');
    process.env['EXEC_TEST_SECRET'] = 'not for scripts';
    process.env['EXEC_TEST_ALLOWED'] = 'from the server';
    const bad = { PATH: '/evil', 'ld.preload': '/evil.so', LD_LIBRARY_PATH: '/evil', IFS: '/', 'bash.env': '/evil', ENV: '/evil', 'node.options': '-r /evil' };
    const worse = {
      'a=b': 'x',
      'new\nline': 'x',
      'nul\0name': 'x',
      nul: 'a\0b',
      é: 'x',
      '1st': 'x',
      '': 'x',
      'exec_test.allowed': 'replaced',
      'holdfast.instance': 'x',
      until: 'x',
    };
    const tools = {
      'ansible.ssh.common.args': '-o ProxyCommand=evil',
      ANSIBLE_SSH_EXECUTABLE: '/evil',
      'git.trace': '/evil',
      WGETRC: '/evil',
      wgetrc: '/evil',
      'aws.config.file': '/evil',
      'os.auth.url': 'http://evil',
      OS_CLOUD: 'evil',
      'os.project.id': 'evil',
      'os.compute.endpoint.override': 'http://evil',
      'tf.cli.args': '-evil',
      SSH_ASKPASS_REQUIRE: 'evil',
      curl_home: '/evil',
      PYTHONPATH: '/evil',
      'perl.signals': 'evil',
      RUBYSHELL: '/evil',
      NODE_PENDING_DEPRECATION: 'evil',
      'npm.config.registry': 'http://evil',
      JAVA_OPTS: '-evil',
      'new.reservationid': '-evil',
      NEW_RESERVATIONID: '-evil',
    };
    const good = { 'node.name': 'n1', _x: '1', 'with space': 'x', 'unit.git.url': 'g', 'os.version': '9', 'oscars.vlan': '7', java: 'j', 'gitlab.url': 'u' };
    await withExec(
      commands(script(`env > ${record}; ${FINE}`)),
      async ({ host, log }) => {
        const callerProperties = { ...bad, ...worse, ...tools, ...good };
        const outcome = await host.call({ operation: 'join', operationId: 'op', input: { untilMs: 0, callerProperties } }, 10_000).ended;
        assert.equal(outcome.type, 'returned', messageIn(outcome));
        const { PWD, _, SHLVL, OLDPWD, ...variables } = variablesIn(record);
        assert.deepEqual(variables, {
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          NODE_NAME: 'n1',
          _X: '1',
          UNIT_GIT_URL: 'g',
          OS_VERSION: '9',
          OSCARS_VLAN: '7',
          JAVA: 'j',
          GITLAB_URL: 'u',
          EXEC_TEST_ALLOWED: 'from the server',
          UNTIL: '1970-01-01T00:00:00.000Z',
          HOLDFAST_INSTANCE: INSTANCE,
          HOLDFAST_OPERATION_ID: 'op',
        });
        await eventually(() => log.lines.length > 0);
        const [line] = log.lines;
        assert.equal(line?.level, 'warn');
        for (const name of [...Object.keys(bad), ...Object.keys(tools), 'a=b', 'nul', 'exec_test.allowed', 'with space']) {
          assert.ok(line?.message.includes(name), `${name} is not in: ${line?.message}`);
        }
        assert.doesNotMatch(line?.message ?? '', /evil|node\.name/);
        assert.doesNotMatch(line?.message ?? '', /[\r\n]/, 'a property name begins no line of the log');
      },
      { env: ['EXEC_TEST_ALLOWED'] },
    );
  });

  test('lets no caller choose the id that a script is given', async () => {
    const record = join(directory, 'ids');
    const told = script(`printf '%s:%s\\n' "$1" "$NEW_RESERVATIONID" >> ${record}; echo "OK; "`);
    const joins = script('echo "OK; r1"');
    await withExec(commands(told, { 'exec.join': joins }), async ({ host, log }) => {
      const evil = { 'new.reservationid': 'somebody-elses', New_ReservationId: 'somebody-elses', mine: '1' };
      const joined = await host.call({ operation: 'join', operationId: 'op-1', input: { untilMs: 0, callerProperties: evil } }, 10_000).ended;
      assert.deepEqual(propertiesIn(joined), { mine: '1' });
      const own = { 'new.reservationid': 'r2' };
      for (const operation of ['leave', 'modify'] as const) {
        const input = { reservationId: 'r1', callerProperties: evil, schedProperties: own };
        assert.deepEqual(propertiesIn(await host.call({ operation, operationId: 'op-2', input }, 10_000).ended), { mine: '1', ...own });
        const first = { reservationId: 'r1', callerProperties: evil, schedProperties: {} };
        const changed = await host.call({ operation, operationId: 'op-3', input: first }, 10_000).ended;
        assert.deepEqual(propertiesIn(changed), { mine: '1', 'new.reservationid': 'r1' });
      }
      const input = { reservationId: 'r1', untilMs: 0, joinProperties: evil, schedProperties: own };
      assert.deepEqual(propertiesIn(await host.call({ operation: 'renew', operationId: 'op-4', input }, 10_000).ended), own);
      assert.deepEqual(readFileSync(record, 'utf8').trimEnd().split('\n'), ['r2:r2', 'r1:', 'r2:r2', 'r1:', 'r2:r2']);
      await eventually(() => log.lines.length >= 6);
      for (const { message } of log.lines) assert.match(message, /left out.*: new\.reservationid, New_ReservationId$/);
    });
  });

  test('says at its start what is missing', async () => {
    const missing = await faultOf({ plugin: 'exec', properties: { 'exec.join': '/bin/true', 'exec.status': '  ' } });
    assert.match(missing, /properties are missing: exec\.leave, exec\.modify, exec\.renew, exec\.status/);
    assert.match(await faultOf({ plugin: 'exec', properties: { ...commands('/bin/true'), 'exec.wd': '/nowhere' } }), /exec\.wd: \/nowhere is no folder/);
  });

  test('says ERROR, a missing script or an exit code as a failure, in the words of the script', async () => {
    const outcomeOf = async (command: string): Promise<PluginOutcome> => {
      let outcome: PluginOutcome = { type: 'nothing' };
      await withExec(commands(command), async ({ join }) => {
        outcome = await join('anything');
      });
      return outcome;
    };
    assert.deepEqual(await outcomeOf(script('echo "ERROR no free port; "')), { type: 'threw', message: 'no free port' });
    assert.deepEqual(await outcomeOf(script('echo ERROR no free port')), { type: 'threw', message: 'no free port' });
    for (const [command, expected] of [
      [script('echo "ERROR; x"; echo why >&2'), /^the join script said ERROR: why$/],
      [script('echo first >&2; echo "no route" >&2; exit 3'), /^the join script exited with 3: first\nno route$/],
      [script('echo "ERROR no port;"; exit 1'), /^the join script exited with 1: no port$/],
      [script('echo "OK; id"; exit 1'), /^the join script exited with 1$/],
      [join(directory, 'absent.sh'), /absent\.sh does not exist/],
      [directory, /does not exist/],
      [script(FINE, 0o644), /is not executable/],
      ['no-such-command-anywhere', /no-such-command-anywhere/],
    ] as const) {
      const outcome = await outcomeOf(command);
      assert.equal(outcome.type, 'threw', messageIn(outcome));
      assert.match(messageIn(outcome), expected);
    }
  });

  test('does not claim to know what a script did that answered nothing of sense', async () => {
    for (const [text, expected] of [
      ['exit 0', /printed neither OK nor ERROR/],
      ['echo OKAY; echo warn >&2', /printed neither OK nor ERROR: warn/],
      ['echo "OK"', /said OK, but no reservation id/],
      ['echo "OK; -rf"', /reservation id that begins with "-"/],
      ["printf 'OK; a\\377b\\n'", /not UTF-8/],
      ['kill -SEGV $$', /ended by SIGSEGV/],
    ] as const) {
      await withExec(commands(script(text)), async ({ join }) => {
        const outcome = await join('anything');
        assert.equal(outcome.type, 'junk', messageIn(outcome));
        assert.match(messageIn(outcome), expected);
      });
    }
  });

  test('reads both pipes: a script may fill its error stream and then answer', () =>
    withExec(commands(script(`head -c 20000000 /dev/zero | tr '\\0' e >&2; ${FINE}`)), async ({ join }) => {
      assert.equal((await join('anything')).type, 'returned');
    }));

  test('kills a script that prints too much', () =>
    withExec(commands(script(`head -c 100000000 /dev/zero | tr '\\0' x; sleep 61.25; ${FINE}`)), async ({ join }) => {
      const outcome = await join('anything');
      assert.equal(outcome.type, 'junk');
      assert.match(messageIn(outcome), /printed more than it may/);
      await eventually(() => running('sleep 61.25') === '');
    }));

  test('gives a script no input: one that reads finds the end at once', () =>
    withExec(commands(script(`cat; read line; ${FINE}`)), async ({ join }) => {
      assert.equal((await join('anything', 5000)).type, 'returned');
    }));

  test('does not wait for a child that outlives its script, and kills it when it keeps the pipes open', () =>
    withExec(commands(script(`sleep 62.25 & ${FINE}`)), async ({ join }) => {
      const started = performance.now();
      assert.equal((await join('anything')).type, 'returned');
      assert.ok(performance.now() - started < 40_000, 'less than the child sleeps');
      await eventually(() => running('sleep 62.25') === '');
    }));

  test('lets a child be that has let go of the pipes', () =>
    withExec(commands(script(`sleep 63.25 >/dev/null 2>&1 & ${FINE}`)), async ({ join }) => {
      assert.equal((await join('anything')).type, 'returned');
      const pid = running('sleep 63.25');
      assert.match(pid, /^\d+$/);
      process.kill(Number(pid), 'SIGKILL');
    }));

  test('ends the whole group of a script whose time limit has passed, politely first', async () => {
    const polite = join(directory, 'polite');
    await withExec(commands(script(`trap 'echo bye > ${polite}; exit 1' TERM; sleep 64.25 & wait`)), async ({ join }) => {
      const outcome = await join('anything', 300);
      assert.equal(outcome.type, 'junk');
      assert.match(messageIn(outcome), /was killed because its time limit passed/);
      assert.ok(existsSync(polite));
      assert.equal(running('sleep 64.25'), '');
    });
  });

  test('kills what does not heed that, and the calls beside it go on', () =>
    withExec(commands(script(`trap '' TERM; [ "$DO" = wait ] && { sleep 1; ${FINE}; exit; }; sleep 65.25; sleep 65.25`)), async ({ join }) => {
      const neighbour = join('wait');
      const outcome = await join('anything', 200);
      assert.equal(outcome.type, 'junk');
      assert.equal(running('sleep 65.25'), '');
      assert.equal((await neighbour).type, 'returned');
    }));

  test('leaves nothing running when its thread is ended', () =>
    withExec(commands(script('sleep 66.25 & sleep 66.25')), async ({ host, join }) => {
      const call = join('anything', 60_000);
      await eventually(() => running('sleep 66.25') !== '');
      await host.close(0);
      assert.equal((await call).type !== 'returned', true);
      await eventually(() => running('sleep 66.25') === '');
    }));

  test('takes properties of some size, and says so when they are too large for the machine', () =>
    withExec(commands(script(FINE)), async ({ join }) => {
      assert.equal((await join('anything', 10_000, { large: 'x'.repeat(100_000) })).type, 'returned');
      const outcome = await join('anything', 10_000, { huge: 'x'.repeat(200_000) });
      assert.equal(outcome.type, 'threw');
      assert.match(messageIn(outcome), /E2BIG/);
    }));
});

test('the answer of a script is its last line that begins with OK or ERROR', () => {
  const answer = (word: 'OK' | 'ERROR', message: string, reservationId: string): ReturnType<typeof readAnswer> => ({ word, message, reservationId });
  assert.deepEqual(readAnswer('OK; id-1\n'), answer('OK', '', 'id-1'));
  assert.deepEqual(readAnswer('starting\nOK done; half; id 2 \r\nbye\n'), answer('OK', 'done; half', 'id 2'));
  assert.deepEqual(readAnswer('OK first; 1\nERROR then; 2'), answer('ERROR', 'then', '2'));
  assert.deepEqual(readAnswer('OK;id'), answer('OK', '', 'id'));
  assert.deepEqual(readAnswer('ERROR'), answer('ERROR', '', ''));
  for (const text of ['', 'ok; id', 'OKAY; id', 'OK-ish; id', 'ERRORS; id']) assert.equal(readAnswer(text), undefined, text);
});

/** Pids of processes with this command line. */
function running(commandLine: string): string {
  return spawnSync('pgrep', ['-f', `^${commandLine}$`])
    .stdout.toString()
    .trim();
}
