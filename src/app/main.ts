/** The program: a demo, a server, or a command for a running one. Each is loaded only when it is asked for. */
import { enableCompileCache } from 'node:module';

enableCompileCache();

const [command = 'help', ...rest] = process.argv.slice(2);

/** What the operator can put right is told in a sentence. */
async function run(): Promise<number> {
  if (command === 'demo') return (await import('./demo/demo.ts')).demo(rest);
  if (command === 'serve') return (await import('./serve-command.ts')).serve(rest);
  return (await import('./cli/main.ts')).main(process.argv.slice(2));
}

process.exitCode = await run();
