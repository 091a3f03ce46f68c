/** What a newcomer sees first: `eigenpost demo`, and that it leaves nothing behind and nobody else's mail behind it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import type { DemoReady } from '../../src/app/demo/demo.ts';
import { Imap } from '../world/imap.ts';
import { guardNetwork } from '../world/network.ts';
import { ARGS, Server } from '../world/server.ts';
import { Smtp } from '../world/smtp.ts';
import type { Place } from '../world/talk.ts';
import { until } from '../world/until.ts';

const START_MS = 60_000;

guardNetwork();
const folder = mkdtempSync(join(tmpdir(), 'eigenpost-demo-test-'));
const data = join(folder, 'demo');
let child: ChildProcess | undefined;
let ready: DemoReady;

async function demo(...args: readonly string[]): Promise<DemoReady> {
  child = spawn(process.execPath, [...ARGS, 'demo', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout ?? process.stdin }), 'line', {
    signal: AbortSignal.timeout(START_MS),
  })) as [string];
  return JSON.parse(line) as DemoReady;
}

async function stop(): Promise<number | null> {
  const stopping = child;
  child = undefined;
  if (stopping === undefined || stopping.exitCode !== null) return stopping?.exitCode ?? null;
  stopping.kill('SIGTERM');
  const [code] = (await once(stopping, 'exit')) as [number | null];
  return code;
}

before(async () => {
  ready = await demo('--data', data);
});
after(async () => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const place = (protocol: string): Place => ({
  host: ready.host,
  port: ready.ports[protocol] ?? 0,
  tls: true,
  ca: ready.authority,
  serverName: 'mail.delinde.test',
});

async function letters(at: number): Promise<readonly string[]> {
  const account = ready.accounts[at];
  const imap = await Imap.dial(place('imaps'));
  assert.ok((await imap.signIn(account?.address ?? '', account?.password ?? '')).ok);
  const found = await imap.letters();
  await imap.bye();
  return found.map(({ raw }) => raw);
}

test('everybody has a letter of welcome', async () => {
  assert.equal(ready.accounts.length, 5);
  for (const at of ready.accounts.keys()) assert.match((await letters(at))[0] ?? '', /Subject: Wel(come|kom) /);
});

test('echo answers, gone comes back, and the command line tells the story', async () => {
  const [noor] = ready.accounts;
  assert.ok(noor !== undefined);
  const smtp = await Smtp.dial(place('submissions'));
  assert.equal((await smtp.signIn(noor.address, noor.password)).code, 235);
  for (const local of ['echo', 'gone']) {
    const content: string = `From: ${noor.address}\r\nSubject: To ${local}\r\n\r\nHallo\r\n`;
    const { last } = await smtp.send({ from: noor.address, to: [`${local}@elsewhere.test`], content });
    assert.equal(last.code, 250);
  }
  await smtp.quit();
  await until('the answer and the report', async () => {
    const all = (await letters(0)).join('\n');
    return all.includes('Subject: Echo: To echo') && all.includes('Niet bezorgd: To gone');
  });
  const told = spawnSync(process.execPath, [...ARGS, 'journey', 'list', '--as', noor.address, '--data', data, '--lang', 'nl'], {
    encoding: 'utf8',
  });
  assert.match(told.stdout, /Niet bezorgd – elsewhere\.test weigerde het/, told.stderr);
});

test('it leaves nothing behind', async () => {
  assert.ok(existsSync(data));
  assert.equal(await stop(), 0);
  assert.deepEqual(readdirSync(folder), []);
});

test('SECURITY: it never moves into, and never empties, a folder with real mail', async () => {
  const real = new Server('host_name = "mail.real.test"\n[[listen]]\nprotocol = "smtp"\nhost = "127.0.0.1"\nport = 0\n', {
    ownKeyFile: false,
  });
  try {
    await real.start();
    await real.ask('organisation', 'add', 'Real');
    await real.stop();
    const kept = join(real.folder, 'data');
    const before = readdirSync(kept).sort();
    for (const more of [[], ['--keep']]) {
      const run = spawnSync(process.execPath, [...ARGS, 'demo', '--json', '--data', kept, ...more], {
        encoding: 'utf8',
        timeout: 10_000,
        killSignal: 'SIGTERM',
      });
      assert.equal(run.status, 1, `${run.stdout.slice(0, 100)}${run.stderr}`);
      assert.match(run.stderr, /^eigenpost: .* is not a demo/m);
      assert.deepEqual(readdirSync(kept).sort(), before);
    }
    await real.start();
    assert.ok(JSON.stringify(await real.ask('organisation', 'list')).includes('Real'));
  } finally {
    await real.remove();
  }
});

test('with --keep it is there again', async () => {
  const kept = join(folder, 'kept');
  ready = await demo('--data', kept, '--keep');
  assert.equal(await stop(), 0);
  ready = await demo('--data', kept, '--keep');
  assert.match((await letters(1))[0] ?? '', /Subject: Welkom/);
  assert.equal(await stop(), 0);
  assert.ok(existsSync(kept));
});
