/** `npm run check`: types, lint, format, floors and sizes. Each says in one line what is wrong. */
import { spawnSync } from 'node:child_process';
import { checkFloors } from './check-floors.ts';
import { checkRfc } from './check-rfc.ts';
import { checkSizes } from './check-sizes.ts';

const bin = (name: string): string => `node_modules/.bin/${name}`;

/** Runs a tool with our Node first on PATH; true when it found nothing. */
function tool(name: string, args: readonly string[]): boolean {
  const run = spawnSync(bin(name), args, { stdio: 'inherit' });
  if (run.status !== 0) console.error(`check: ${name} found something, see above`);
  return run.status === 0;
}

export function check(): boolean {
  const results = [
    tool('tsc', ['-p', '.']),
    tool('oxlint', ['--deny-warnings', 'src', 'test', 'tools']),
    tool('biome', ['ci', '--colors=off', '--reporter=summary', '.']),
  ];
  const complaints = [...checkFloors(), ...checkSizes(), ...checkRfc()];
  for (const complaint of complaints) console.error(`check: ${complaint}`);
  return results.every(Boolean) && complaints.length === 0;
}

if (import.meta.main) process.exit(check() ? 0 : 1);
