/**
 * The servers under load: ours, the bare loop, Postfix and Dovecot. Each is
 * started when it does not run yet, and stopped at the end if we started it.
 * A port that somebody else answers on stops the bench: a load must never hit
 * a server it was not meant for.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isThere, peerScript, root } from './harness.ts';

export type Server = Readonly<{ name: string; smtp: number; imap: number; pids(): readonly number[]; stop(): void }>;

const base = process.env['BENCH_PEERS_DIR'] ?? join(process.env['TMPDIR'] ?? tmpdir(), 'peers');
const BARE_PORT = 42_541;
const START_MS = 10_000;
const LOOK_MS = 50;

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

function answers(port: number): Promise<boolean> {
  return new Promise((say) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      say(true);
    });
    socket.on('error', () => say(false));
  });
}

/** The pids a peer's script wrote down, those of them that live. */
function livingPids(folder: string): number[] {
  const file = join(base, folder, 'pids');
  if (!existsSync(file)) return [];
  const pids = readFileSync(file, 'utf8').split(/\s+/).filter(Boolean).map(Number);
  return pids.filter((pid) => pid > 1 && existsSync(`/proc/${pid}`));
}

/** Runs until `stop`, by a script that knows `start` and `stop`. */
async function scripted(
  about: Readonly<{ name: string; folder: string; smtp: number; imap: number; script: readonly string[] }>,
): Promise<Server> {
  const { name, folder, smtp, imap, script } = about;
  const [program = '', ...args] = script;
  const act = (what: string): void =>
    void execFileSync(program, [...args.slice(0, 1), what, ...args.slice(1)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const isRunning = livingPids(folder).length > 0;
  const port = smtp > 0 ? smtp : imap;
  if (!isRunning && (await answers(port))) throw new Error(`port ${port} is answered by somebody else than ${name}; stop that first.`);
  if (!isRunning) act('start');
  return { name, smtp, imap, pids: () => livingPids(folder), stop: () => (isRunning ? undefined : act('stop')) };
}

/** Ours, on a fresh data folder. */
export async function ours(): Promise<Server> {
  const script = join(root, 'tools', 'bench', 'eigenpost.mjs');
  // Started twice: what moving people in has loaded is no part of a server at rest.
  for (const what of ['stop', 'reset', 'start', 'stop'])
    execFileSync(process.execPath, [script, what], { stdio: ['ignore', 'ignore', 'ignore'] });
  return scripted({ name: 'eigenpost', folder: 'eigenpost', smtp: 42_535, imap: 42_153, script: [process.execPath, script] });
}

export async function bareLoop(): Promise<Server> {
  if (await answers(BARE_PORT)) throw new Error(`port ${BARE_PORT} is taken; stop whoever answers there first.`);
  const folder = join(base, 'bare');
  mkdirSync(folder, { recursive: true });
  const journal = join(folder, 'journal');
  const child = spawn(process.execPath, [join(root, 'tools', 'bench', 'bare-loop.mjs'), String(BARE_PORT), journal], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  for (let waited = 0; !(await answers(BARE_PORT)); waited += LOOK_MS) {
    if (waited > START_MS || child.exitCode !== null) throw new Error('the bare loop did not start');
    await sleep(LOOK_MS);
  }
  const stop = (): void => {
    child.kill();
    rmSync(journal, { force: true });
  };
  return { name: 'bare loop', smtp: BARE_PORT, imap: 0, pids: () => [pid], stop };
}

/** What of the peers cannot be had here, in words; nothing when all is there. */
export function missingPeers(): string[] {
  const missing: string[] = [];
  if (!isThere()) missing.push('the load harness (../shared/bench, or the folder BENCH_HARNESS names)');
  for (const program of ['/usr/sbin/postfix', '/usr/sbin/dovecot']) if (!existsSync(program)) missing.push(program);
  if (missing.length === 0 && process.getuid?.() !== 0) missing.push('root (Postfix and Dovecot switch users)');
  return missing;
}

export const postfix = (): Promise<Server> =>
  scripted({ name: 'Postfix', folder: 'postfix', smtp: 42_525, imap: 42_143, script: [peerScript('postfix')] });

/** Stores share their ports: one runs at a time. */
export type DovecotStore = 'maildir' | 'mdbox';
const STORES = ['maildir', 'mdbox', 'sdbox'] as const;

export function runningStore(): DovecotStore | 'sdbox' | undefined {
  return STORES.find((store) => livingPids(`dovecot-${store}`).length > 0);
}

export function stopDovecot(): void {
  const store = runningStore();
  if (store !== undefined) execFileSync(peerScript('dovecot'), ['stop', store], { stdio: ['ignore', 'ignore', 'inherit'] });
}

export async function dovecot(store: DovecotStore): Promise<Server> {
  const folder = `dovecot-${store}`;
  if (livingPids(folder).length === 0) {
    stopDovecot();
    if (await answers(42_143)) throw new Error('port 42143 is answered by somebody else than Dovecot; stop that first.');
    execFileSync(peerScript('dovecot'), ['start', store], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return { name: `Dovecot ${store}`, smtp: 0, imap: 42_143, pids: () => livingPids(folder), stop: stopDovecot };
}
