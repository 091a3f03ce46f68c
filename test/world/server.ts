/** The real program in a process of its own: `eigenpost serve` with a config in a temporary folder, and its command line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Ran, run } from './client-program.ts';

const MAIN = new URL('../../src/app/main.ts', import.meta.url).pathname;
/** The program behind the wall of network.ts. */
export const ARGS: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  '--import',
  new URL('guard.ts', import.meta.url).href,
  MAIN,
];
/** Our own variables are no settings of the server's. */
const ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('EIGENPOST_')));
/** A start takes under a second; on a very busy machine many. */
const START_MS = 60_000;
/** What an operator would look at when it does not start. */
const LOG_LIMIT = 20_000;

export type Listening = Readonly<{ protocol: string; host: string; port: number }>;

export class Server {
  readonly folder: string;
  readonly #config: string;
  #child: ChildProcess | undefined;
  #listeners: readonly Listening[] = [];
  #log = '';

  /** `config` is TOML; the data folder and the key stand beside it, the key where it stands by itself without `ownKeyFile`. */
  constructor(config: string, { ownKeyFile = true }: Readonly<{ ownKeyFile?: boolean }> = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'eigenpost-server-'));
    this.#config = join(this.folder, 'eigenpost.toml');
    writeFileSync(this.#config, `data = "data"\n${ownKeyFile ? 'root_key_file = "root.key"\n' : ''}${config}`);
  }

  get log(): string {
    return this.#log;
  }

  /** Until it says that it is ready. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [...ARGS, 'serve', '--config', this.#config, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: ENV,
    });
    this.#child = child;
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#log = (this.#log + bytes.toString()).slice(-LOG_LIMIT);
    });
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    const signal = AbortSignal.timeout(START_MS);
    const first = await Promise.race([
      once(lines, 'line', { signal }).then(([line]) => String(line)),
      once(child, 'exit', { signal }).then(() => undefined),
    ]);
    if (first === undefined) throw new Error(`the server did not start:\n${this.#log}`);
    this.#listeners = (JSON.parse(first) as { listeners: readonly Listening[] }).listeners;
  }

  port(protocol: string): number {
    const found = this.#listeners.find((one) => one.protocol === protocol);
    if (found === undefined) throw new Error(`nothing listens for ${protocol}`);
    return found.port;
  }

  /** SIGHUP: to read its certificate files again. */
  hangUp(): void {
    this.#child?.kill('SIGHUP');
  }

  /** `kill -9`: no goodbye, nothing flushed. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** As systemd asks. Gives the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const gone = once(child, 'exit');
    child.kill(signal);
    const [code] = (await gone) as [number | null];
    return code;
  }

  /** The command line, as an administrator types it. Not waited for in one breath: whoever plays the internet goes on meanwhile. */
  async cli(...args: readonly string[]): Promise<Ran> {
    return run(process.execPath, [...ARGS, ...args, '--config', this.#config], { env: ENV, only: true });
  }

  /** Must work; gives its JSON. */
  async ask<T>(...args: readonly string[]): Promise<T> {
    const { code, out, err } = await this.cli(...args, '--json');
    if (code !== 0) throw new Error(`eigenpost ${args.join(' ')} → ${code}: ${err}${out}`);
    return JSON.parse(out) as T;
  }

  /** A file beside the config. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
