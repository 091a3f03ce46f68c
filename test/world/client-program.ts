/** Other people's mail programs, run against the world. Where one is missing its tests say so and are skipped. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program that takes longer hangs. */
const PROGRAM_MS = 60_000;
const OUTPUT_LIMIT = 1_000_000;

/** For `{ skip: … }`: false when all of them are there. */
export function needs(...programs: readonly string[]): string | false {
  const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  return missing.length === 0 ? false : `skipped: needs ${missing.join(', ')}`;
}

/** For parts of a program: `test` is a command that fails where the part is missing. */
export function needsPart(what: string, ...test: readonly string[]): string | false {
  const [program = '', ...args] = test;
  return spawnSync(program, args).status === 0 ? false : `skipped: needs ${what}`;
}

export type Ran = Readonly<{ code: number | null; out: string; err: string }>;
export type RunOptions = Readonly<{
  input?: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv /** Nothing of our own environment besides `env`, and text as UTF-8. */;
  only?: boolean;
}>;

/** Runs it while this process goes on serving. */
export function run(program: string, args: readonly string[], { input = '', cwd, env = {}, only = false }: RunOptions = {}): Promise<Ran> {
  const child = spawn(program, args, {
    timeout: PROGRAM_MS,
    env: only ? env : { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const heard = { out: '', err: '' };
  const encoding = only ? 'utf8' : 'latin1';
  child.stdout.on('data', (bytes: Buffer) => {
    if (heard.out.length < OUTPUT_LIMIT) heard.out += bytes.toString(encoding);
  });
  child.stderr.on('data', (bytes: Buffer) => {
    if (heard.err.length < OUTPUT_LIMIT) heard.err += bytes.toString(encoding);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...heard }));
  });
}

/** A folder with files in it, for programs that want some. */
export class Folder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'eigenpost-client-'));

  write(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
