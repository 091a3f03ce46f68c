/**
 * A small SMTP load for machines where the neutral harness (../shared/bench)
 * is missing: --conns clients send --messages messages of --size octets and
 * read every 250. Its options and its one line of JSON are the harness's.
 */
import { connect } from 'node:net';

const given = Object.fromEntries(
  process.argv.slice(2).flatMap((word, at, all) => (word.startsWith('--') ? [[word.slice(2), all[at + 1]]] : [])),
);
const { port, to, conns, messages, size } = { port: '25', to: 'u{n}@bench.test', conns: '10', messages: '1000', size: '4096', ...given };
const USERS = 20;
const DEADLINE_MS = 100_000;

const header = 'From: Bench <sender@example.org>\r\nTo: someone@bench.test\r\nSubject: load\r\nDate: Mon, 23 Nov 2026 08:00:00 +0000\r\n';
const line = `${'The quick brown fox jumps over the lazy dog. '.repeat(2).slice(0, 74)}\r\n`;
const body = line.repeat(Math.max(1, Math.floor((Number(size) - header.length - 60) / line.length)));
const run = `${process.pid}.${Date.now()}`;
let next = 0;
let ok = 0;

/** One connection: `expect` resolves when the last line of a reply has come. */
function client(socket) {
  let text = '';
  let wake = () => {};
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    wake();
  });
  const fail = new Promise((_, reject) => socket.on('error', reject).on('close', () => reject(new Error('closed'))));
  fail.catch(() => {});
  return async (code, times = 1) => {
    for (let left = times; left > 0; ) {
      const end = /^(\d{3}) .*\r\n/m.exec(text);
      if (end === null) await Promise.race([fail, new Promise((resume) => (wake = resume))]);
      else if (end[1] !== code) throw new Error(end[0].trim());
      else {
        text = text.slice(end.index + end[0].length);
        left--;
      }
    }
  };
}

async function worker() {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
  const expect = client(socket);
  await expect('220');
  socket.write('EHLO load.bench.test\r\n');
  await expect('250');
  while (next < Number(messages)) {
    const number = next++;
    socket.write(`MAIL FROM:<sender@example.org>\r\nRCPT TO:<${to.replace('{n}', String(number % USERS))}>\r\nDATA\r\n`);
    await expect('250', 2);
    await expect('354');
    socket.write(`Message-ID: <${run}.${number}@load.bench.test>\r\n${header}\r\n${body}.\r\n`);
    await expect('250');
    ok++;
  }
  socket.end('QUIT\r\n');
}

setTimeout(() => process.exit(1), DEADLINE_MS).unref();
const began = performance.now();
const outcomes = await Promise.allSettled(Array.from({ length: Number(conns) }, worker));
const seconds = (performance.now() - began) / 1000;
const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.message] : []));
console.log(
  JSON.stringify({ bench: 'smtp-load', conns: Number(conns), messages: Number(messages), ok, seconds, msgs_per_s: ok / seconds, errors }),
);
process.exit(0);
