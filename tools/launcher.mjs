/**
 * Runs a program of this project under the Node it is pinned to, whatever
 * Node started us (20 or later), after installing what is missing from the
 * lock file. Plain JavaScript: this file must load on every Node ≥ 20.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const marker = join(modules, '.eigenpost-installed.json');
const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).optionalDependencies;

/** Stops with one clear line: a silent fall-back to another Node would fail later and obscurely. */
function stop(sentence) {
  process.stderr.write(`eigenpost: ${sentence}\n`);
  process.exit(1);
}

/** @returns {string} the pinned Node's path; it need not exist yet */
function pinnedNode() {
  const name = `node-${process.platform}-${process.arch}`;
  if (!(name in pinned))
    stop(`there is no pinned Node for ${process.platform} on ${process.arch} yet (only ${Object.keys(pinned).join(', ')}).`);
  return join(modules, name, 'bin', 'node');
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** @returns {{lock?: string, dev?: boolean}} what the last install by us put there */
function installed() {
  try {
    return JSON.parse(readFileSync(marker, 'utf8'));
  } catch {
    return {};
  }
}

/** Installs from the lock file when the last install was for another lock, or lacked the development tools now needed. */
function install({ dev }) {
  const have = installed();
  const want = lockHash();
  if (have.lock === want && (have.dev || !dev) && existsSync(pinnedNode())) return;
  process.stderr.write(`eigenpost: installing ${dev ? 'the program and its test tools' : 'the program'} (once, well under a minute)…\n`);
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(dev ? [] : ['--omit=dev'])];
  const run = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], env: withoutNpmState() });
  if (run.error) stop(`npm could not be started (${run.error.message}).`);
  if (run.status !== 0) stop('installing failed; the lines above say why. Try again when the package registry can be reached.');
  writeFileSync(marker, JSON.stringify({ lock: want, dev }));
}

/** npm hands its own settings to scripts; `--omit` among them would change what a nested install does. */
function withoutNpmState() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(config_(omit|include|only|production)|lifecycle|package)/i.test(name)),
  );
}

/**
 * Runs `script` (relative to the project) with `args` and does not return.
 * @param {string} script
 * @param {string[]} args
 * @param {{dev: boolean}} needs
 */
export function launch(script, args, needs) {
  install(needs);
  const node = pinnedNode();
  if (!existsSync(node)) stop('the pinned Node is missing after the install; is `--no-optional` set for npm?');
  const argv = ['--disable-warning=ExperimentalWarning', join(root, script), ...args];
  if (typeof process.execve === 'function') {
    process.execve(node, [node, ...argv], process.env);
    return;
  }
  const child = spawn(node, argv, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => stop(`the pinned Node could not be started (${error.message}).`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
