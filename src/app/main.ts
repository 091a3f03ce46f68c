/**
 * Where the program begins: `demo` and `serve` run a server, everything else
 * is the command line. Each is loaded only when it is wanted.
 */
import type { Io } from './cli/command.ts';

/** What runs until it is told to stop: demo/demo.ts and serve-command.ts each have one. */
type Runner = Readonly<{ run: (args: readonly string[]) => Promise<number> }>;

const RUNNERS: ReadonlyMap<string, string> = new Map([
  ['demo', './demo/demo.ts'],
  ['serve', './serve-command.ts'],
]);

/** Octets of stdin: an import of twenty thousand people fits. */
const STDIN_LIMIT = 16_777_216;

async function stdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > STDIN_LIMIT) throw Object.assign(new Error('too long'), { code: 'E2BIG' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stdin,
  isTerminal: process.stdout.isTTY === true,
  env: process.env,
  sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
};

async function main(argv: readonly string[]): Promise<number> {
  const [first = '', ...rest] = argv;
  const runner = RUNNERS.get(first);
  if (runner !== undefined) {
    const { run }: Runner = await import(runner);
    return run(rest);
  }
  const { runCli } = await import('./cli/main.ts');
  return runCli(argv, io);
}

// `eigenpost queue list | head` closes the pipe early; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
// Not process.exit: what is still being written to a pipe must get out.
process.exitCode = await main(process.argv.slice(2));
