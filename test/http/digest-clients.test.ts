import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createDigest } from '../../src/http/digest.ts';
import { systemRandom } from '../../src/random.ts';
import { lacks } from '../support/lacks.ts';
import { startAgentRig } from './agent-front-rig.ts';

/** HTTP Digest with the clients that people have. */

/** What a program printed. Asynchronous, because the server runs in this process. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
  }
  await new Promise((resolve) => child.on('close', resolve));
  return text;
}

test('curl logs in on one connection, with an empty, a whole and an announced first body', async (context) => {
  if (lacks(context, 'curl', ['--version'])) return;
  const rig = await startAgentRig(context);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-curl-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const body = join(folder, 'body');
  writeFileSync(body, ' '.repeat(1_000_000));
  const form = ['-sS', '--max-time', '10', '-u', 'admin:pass', '-H', 'Content-Type: application/json', '-w', ' %{http_code} %{num_connects}\n'];
  const curlJoin = (way: string, data: string, ...more: readonly string[]): readonly string[] => [
    way,
    ...form,
    ...more,
    '-d',
    data,
    `${rig.front.url}/join/nulls`,
  ];
  const small = '{"endpoint":"nulls","id":"","subject":"admin","bytes":2}';
  for (const way of ['--digest', '--anyauth']) {
    assert.equal(await run('curl', [...curlJoin(way, '{}'), '--next', ...curlJoin(way, '{}')]), `${small} 200 1\n${small} 200 0\n`, way);
    // curl sends the whole body to find out; when the 401 comes before the end of that, it takes another connection of its own accord.
    for (const more of [[], ['-H', 'Expect: 100-continue']]) {
      assert.match(await run('curl', curlJoin(way, `@${body}`, ...more)), way === '--digest' ? /:1000000} 200 1\n$/ : /:1000000} 200 [12]\n$/, way);
    }
  }
  assert.match(await run('curl', curlJoin('--digest', '{}', '-u', 'admin:wrong')), /"status":401,"error":"Unauthorized".* 401 1\n$/);
  const status = ['--digest', ...form, `${rig.front.url}/status/nulls/a%2Fb.c`];
  assert.match(await run('curl', status), /"id":"a\/b\.c","subject":"admin","bytes":0} 200 1\n$/);
});

const URLLIB = `
import sys, urllib.request
url = sys.argv[1]
passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
passwords.add_password(None, url, 'admin', 'pass')
opener = urllib.request.build_opener(urllib.request.HTTPDigestAuthHandler(passwords))
for _ in range(3):
    request = urllib.request.Request(url, data=b'{}', headers={'Content-Type': 'application/json'})
    print(opener.open(request, timeout=10).status)
`;
const REQUESTS = `
import sys, requests
from requests.auth import HTTPDigestAuth
session = requests.Session()
session.auth = HTTPDigestAuth('admin', 'pass')
for _ in range(3):
    print(session.post(sys.argv[1], data='{}', headers={'Content-Type': 'application/json'}, timeout=10).status_code)
`;

for (const [name, library, program] of [
  ["Python's urllib", 'urllib.request', URLLIB],
  ["Python's requests", 'requests', REQUESTS],
] as const) {
  test(`${name} logs in, and again when its nonce has expired`, async (context) => {
    if (lacks(context, 'python3', ['-c', `import ${library}`])) return;
    for (const lifetimeMs of [300_000, 0]) {
      // A lifetime of 0: every nonce has expired when it is used again, and some when they are used first.
      let nowMs = 0;
      const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
      const digest = createDigest({ password: 'pass', md5: true, nonceLifetimeMs: lifetimeMs, clock, random: systemRandom() });
      const counting: typeof digest = {
        isOffered: true,
        challenges: (stale) => digest.challenges(stale),
        replacePassword: () => undefined,
        verify: (...call) => {
          const verdict = digest.verify(...call);
          if (verdict.type === 'accepted') nowMs += 1;
          return verdict;
        },
      };
      const rig = await startAgentRig(context, { digest: counting });
      assert.equal(await run('python3', ['-c', program, `${rig.front.url}/join/nulls`]), '200\n200\n200\n', `lifetime ${lifetimeMs}`);
    }
  });
}

const JAVA = `
import java.net.*;
public class Login {
  public static void main(String[] arguments) throws Exception {
    Authenticator.setDefault(new Authenticator() {
      protected PasswordAuthentication getPasswordAuthentication() { return new PasswordAuthentication("admin", "pass".toCharArray()); }
    });
    for (int round = 0; round < 3; round++) {
      HttpURLConnection connection = (HttpURLConnection) new URL(arguments[0]).openConnection();
      connection.setRequestMethod("POST");
      connection.setDoOutput(true);
      connection.setRequestProperty("Content-Type", "application/json");
      connection.getOutputStream().write("{}".getBytes());
      System.out.println(connection.getResponseCode() + " " + new String(connection.getInputStream().readAllBytes()));
    }
  }
}
`;

test("Java's client, which sends its body with the first request too, logs in", async (context) => {
  if (lacks(context, 'javac', ['-version'])) return;
  const rig = await startAgentRig(context);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-java-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'Login.java'), JAVA);
  const printed = await run('java', ['-XX:TieredStopAtLevel=1', join(folder, 'Login.java'), `${rig.front.url}/join/nulls`]);
  assert.equal(printed, '200 {"endpoint":"nulls","id":"","subject":"admin","bytes":2}\n'.repeat(3));
});
