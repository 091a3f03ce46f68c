/**
 * Runs a program of this project under the Node it is pinned to, whatever
 * Node started us (20 or later), after installing what is missing from the
 * lock file. `launcher.mjs SCRIPT ARGS…` runs a program, `launcher.mjs` alone
 * only installs. Plain JavaScript: this file must load on every Node ≥ 20.
 */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).optionalDependencies;

const FLAGS = ['--disable-warning=ExperimentalWarning'];

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

/** @returns {Record<string, {version?: string, dev?: boolean, optional?: boolean, devOptional?: boolean}>} packages by path; empty when there is no such file */
function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return {};
  }
}

/** Whether all that the lock file names is there, whoever installed it. npm keeps its own account of what it has put where. */
function isInstalled({ dev }) {
  const there = packagesOf(join(modules, '.package-lock.json'));
  const wanted = Object.entries(packagesOf(join(root, 'package-lock.json'))).filter(([path]) => path !== '');
  return wanted.every(([path, { version, dev: isDev, optional, devOptional }]) => {
    if (optional || devOptional || (isDev && !dev)) return there[path] === undefined || there[path].version === version;
    return there[path]?.version === version;
  });
}

/** Installs from the lock file what is missing. A folder with the development tools keeps them. */
function install({ dev }) {
  if (isInstalled({ dev }) && existsSync(pinnedNode())) return;
  const all = dev || existsSync(join(modules, 'typescript'));
  process.stderr.write(`eigenpost: installing ${all ? 'the program and its test tools' : 'the program'} (once, well under a minute)…\n`);
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(all ? [] : ['--omit=dev'])];
  const run = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], env: withoutNpmState() });
  if (run.error) stop(`npm could not be started (${run.error.message}).`);
  if (run.status !== 0) stop('installing failed; the lines above say why. Try again when the package registry can be reached.');
  spawnSync(pinnedNode(), [...FLAGS, join(root, 'src/app/warm.ts')], {
    cwd: root,
    stdio: 'ignore',
    timeout: WARM_MS,
    env: withCompileCache(process.env),
  });
}

/**
 * Node keeps what it compiled beside the packages, for all its threads: the
 * server then starts in half the time and needs 60 MB less, because nobody has
 * to load the TypeScript stripper. Where that folder is not ours to write,
 * there is no cache: nothing is left in the temporary folder.
 * @returns {NodeJS.ProcessEnv}
 */
function withCompileCache(env) {
  try {
    accessSync(modules, constants.W_OK);
    return { NODE_COMPILE_CACHE: join(modules, '.cache', 'eigenpost'), ...env };
  } catch {
    return env;
  }
}

/** How long the first run of all has; it fills the compile cache, and failing it harms nothing. */
const WARM_MS = 30_000;

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
  const argv = [...FLAGS, join(root, script), ...args];
  const env = withCompileCache(process.env);
  if (typeof process.execve === 'function') {
    process.execve(node, [node, ...argv], env);
    return;
  }
  const child = spawn(node, argv, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => stop(`the pinned Node could not be started (${error.message}).`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

// bin/eigenpost comes in here; tools/launch.mjs imports `launch`.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined) install({ dev: false });
  else launch(script, args, { dev: false });
}
