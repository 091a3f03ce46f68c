/**
 * Our server as a target of the neutral load harness:
 *   node tools/bench/eigenpost.mjs start|stop|pids|reset
 * State goes to $BENCH_PEERS_DIR/eigenpost (default $TMPDIR/peers/eigenpost).
 * Everything listens on 127.0.0.1: 42535 smtp, 42588 submission, 42153 imap.
 * People u0 … u49 @bench.test, password `secret`; relay.test goes to
 * 127.0.0.1:42599, discard.test is taken, queued and dropped.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const base = join(process.env.BENCH_PEERS_DIR ?? join(process.env.TMPDIR ?? tmpdir(), 'peers'), 'eigenpost');
const program = join(root, 'bin', 'eigenpost');
const data = join(base, 'data');
const pidFile = join(base, 'pids');
const PORTS = [42535, 42588, 42153];
/** The certificate all peers share, where one of them has been started before. */
const peersTls = join(dirname(base), 'tls');
const USERS = Number(process.env.BENCH_USERS ?? 50);
const START_MS = 30_000;

const TLS = `
[tls]
certificate_file = "${join(peersTls, 'cert.pem')}"
key_file = "${join(peersTls, 'key.pem')}"
`;
const CONFIG = `host_name = "mail.bench.test"
data = "data"
root_key_file = "root.key"

[limits]
connections_per_address = 10000
minimum_password = 8

[[listen]]
protocol = "smtp"
host = "127.0.0.1"
port = 42535

[[listen]]
protocol = "submission"
host = "127.0.0.1"
port = 42588

[[listen]]
protocol = "imap"
host = "127.0.0.1"
port = 42153
sign_in_without_tls = true

[resolver]
address = "127.0.0.1"
port = 9

[[relay]]
domain = "relay.test"
to = "127.0.0.1:42599"

[[relay]]
domain = "discard.test"
to = "discard"
${existsSync(join(peersTls, 'cert.pem')) ? TLS : ''}`;

const sleep = (ms) => new Promise((resume) => setTimeout(resume, ms));
const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true) ?? socket.destroy());
    socket.on('error', () => resolve(false));
  });

function pid() {
  const number = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
  try {
    return number > 1 && process.kill(number, 0) ? number : 0;
  } catch {
    return 0;
  }
}

const cli = (...args) => execFileSync(program, [...args, '--data', data], { stdio: ['ignore', 'ignore', 'inherit'] });

async function start() {
  for (const port of PORTS) if (await answers(port)) throw new Error(`port ${port} is taken`);
  mkdirSync(base, { recursive: true, mode: 0o700 });
  const isNew = !existsSync(data);
  writeFileSync(join(base, 'eigenpost.toml'), CONFIG);
  const log = openSync(join(base, 'log'), 'a');
  const child = spawn(program, ['serve', '--config', join(base, 'eigenpost.toml')], { detached: true, stdio: ['ignore', log, log] });
  child.unref();
  writeFileSync(pidFile, String(child.pid));
  for (let waited = 0; !(await answers(42153)); waited += 100) {
    if (waited > START_MS || pid() === 0) throw new Error(`the server did not start; see ${join(base, 'log')}`);
    await sleep(100);
  }
  if (isNew) moveIn();
}

function moveIn() {
  cli('organisation', 'add', 'Bench');
  cli('domain', 'add', 'bench.test');
  const people = Array.from({ length: USERS }, (_, number) => `u${number}@bench.test,User ${number},secret`);
  writeFileSync(join(base, 'people.csv'), `address,name,password\n${people.join('\n')}\n`);
  cli('person', 'add', '--from', join(base, 'people.csv'), '--accept-weak-passwords');
}

async function stop() {
  const number = pid();
  if (number === 0) return;
  process.kill(number, 'SIGTERM');
  for (let waited = 0; pid() !== 0 && waited < START_MS; waited += 100) await sleep(100);
  rmSync(pidFile, { force: true });
}

const acts = {
  start,
  stop,
  pids: () => console.log(pid()),
  reset: () => rmSync(base, { recursive: true, force: true }),
};
const act = acts[process.argv[2]];
if (act === undefined) {
  console.error('usage: eigenpost.mjs start|stop|pids|reset');
  process.exit(2);
}
await act();
