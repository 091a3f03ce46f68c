/**
 * `npm test [-- PATH…]`: the checks, then the unit tests in one process, then
 * the end-to-end files under test/, each in a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { check } from './check.ts';

const wanted = process.argv.slice(2);
const matches = (path: string): boolean => wanted.length === 0 || wanted.some((part) => path.includes(part));

function run(args: readonly string[], files: readonly string[]): boolean {
  if (files.length === 0) return true;
  const argv = [
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--test-reporter=./tools/reporter.ts',
    '--test-timeout=120000',
    ...args,
    ...files,
  ];
  const child = spawnSync(process.execPath, argv, { stdio: 'inherit' });
  return child.status === 0;
}

const unit = globSync('{src,tools}/**/*.test.ts').filter(matches).sort();
const whole = globSync('test/**/*.test.ts').filter(matches).sort();
if (unit.length + whole.length === 0) {
  console.error(`test: no test file matches ${wanted.join(' ')}`);
  process.exit(1);
}
const results = [wanted.length > 0 || check(), run(['--test-isolation=none'], unit), run(['--test-concurrency=2'], whole)];
process.exit(results.every(Boolean) ? 0 : 1);
