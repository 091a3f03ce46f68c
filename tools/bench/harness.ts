/**
 * The neutral load harness beside the checkout (../shared/bench): its scripts
 * are run where they lie, so that every server is measured by the same
 * programs. Nothing of it is copied here.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = process.env['BENCH_HARNESS'] ?? join(dirname(root), 'shared', 'bench');
/** No single load runs longer. */
const LOAD_MS = 120_000;
/** How often the client's CPU time is looked at while it lives. */
const LOOK_MS = 100;
const TICK_MS = 10;

/** What the harness prints about one load; only what we use. */
export type Load = Readonly<{
  rate: number;
  cpuMsPerMessage: number | null;
  /** Share of all CPUs used by neither the load client nor the server. */
  otherCpu: number;
  isWhole: boolean;
  raw: Readonly<Record<string, unknown>>;
}>;

type HarnessLib = Readonly<{
  treeCpuMs(pids: readonly number[]): number;
  treeMemory(pids: readonly number[]): Readonly<{ rss_kib: number; pss_kib: number }>;
}>;

export const isThere = (): boolean => existsSync(join(folder, 'lib.mjs'));
export const where = (): string => folder;
export const peerScript = (name: string): string => join(folder, 'peers', `${name}.sh`);

/** Without the harness nobody counts CPU time and memory. */
const NO_LIB: HarnessLib = { treeCpuMs: () => 0, treeMemory: () => ({ rss_kib: 0, pss_kib: 0 }) };

let lib: HarnessLib | undefined;
async function harness(): Promise<HarnessLib> {
  lib ??= isThere() ? ((await import(pathToFileURL(join(folder, 'lib.mjs')).href)) as HarnessLib) : NO_LIB;
  return lib;
}

/** Memory of a process and its children, MiB. `pss` counts shared pages once. */
export async function memoryMiB(pids: readonly number[]): Promise<Readonly<{ rss: number; pss: number }>> {
  const { rss_kib: rss, pss_kib: pss } = (await harness()).treeMemory(pids);
  return { rss: rss / 1024, pss: pss / 1024 };
}

/** user + nice + system + irq + softirq + steal, of all CPUs. */
function busyMs(): number {
  const [, ...ticks] = (readFileSync('/proc/stat', 'latin1').split('\n')[0] ?? '').split(/\s+/).map(Number);
  return [0, 1, 2, 5, 6, 7].reduce((sum, at) => sum + (ticks[at] ?? 0), 0) * TICK_MS;
}

/** Runs one script of the harness to its end. `pids` are the server's. */
export const load = (script: string, args: readonly (string | number)[], pids: readonly number[]): Promise<Load> =>
  measured(join(folder, script), [...args.map(String), '--pids', pids.join(',')], pids);

/** The same with our own small client, where the harness is missing. */
export const ownLoad = (args: readonly (string | number)[], pids: readonly number[]): Promise<Load> =>
  measured(join(root, 'tools', 'bench', 'own-load.mjs'), args.map(String), pids);

async function measured(script: string, args: readonly string[], pids: readonly number[]): Promise<Load> {
  const { treeCpuMs } = await harness();
  const [busy, server, began] = [busyMs(), treeCpuMs(pids), performance.now()];
  const { text, clientCpuMs } = await run(script, args);
  const took = performance.now() - began;
  const others = busyMs() - busy - (treeCpuMs(pids) - server) - clientCpuMs;
  const raw = JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
  const rate = Number(raw['msgs_per_s'] ?? raw['delivered_per_s'] ?? raw['visible_per_s'] ?? 0);
  const done = Number(raw['ok'] ?? raw['delivered'] ?? raw['visible'] ?? 0);
  const cpu = raw['server_cpu_ms_per_msg'];
  return {
    rate,
    cpuMsPerMessage: typeof cpu === 'number' ? cpu : null,
    otherCpu: Math.max(0, others / took / availableParallelism()),
    isWhole: done === raw['messages'],
    raw,
  };
}

async function run(script: string, args: readonly string[]): Promise<Readonly<{ text: string; clientCpuMs: number }>> {
  const { treeCpuMs } = await harness();
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'], timeout: LOAD_MS });
  const [pid = 0] = [child.pid];
  let text = '';
  let clientCpuMs = 0;
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString('utf8');
  });
  const look = setInterval(() => {
    clientCpuMs = Math.max(clientCpuMs, treeCpuMs([pid]));
  }, LOOK_MS);
  const code = await new Promise<number | null>((ended) => child.on('close', ended));
  clearInterval(look);
  if (text.trim() === '') throw new Error(`${script} ${args.join(' ')} printed nothing (exit ${code})`);
  return { text, clientCpuMs };
}
