/**
 * The least a Node program can do to accept mail durably: a bare SMTP loop
 * that appends the bodies of all waiting messages to one file with one write
 * and one fdatasync, then answers 250 to all of them. No address is read, no
 * dot unstuffed, nothing sealed, indexed or told: it is the ceiling our server
 * is measured against, and nothing else.
 *   node tools/bench/bare-loop.mjs PORT FILE     says "ready" when it listens
 */
import { fdatasync, openSync, writev } from 'node:fs';
import { createServer } from 'node:net';

const [port = '', file = ''] = process.argv.slice(2);
const CRLF = Buffer.from('\r\n');
const END = Buffer.from('\r\n.\r\n');
const ANSWERS = {
  EHLO: '250-bare.bench.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 104857600\r\n',
  DATA: '354 go\r\n',
  QUIT: '221 bye\r\n',
};
/** Octets of one message. */
const SIZE_LIMIT = 104_857_600;

const journal = openSync(file, 'a');
let waiting = [];
let isFlushing = false;

/** All that waits becomes one batch; what comes meanwhile is the next one. */
function flush() {
  if (isFlushing || waiting.length === 0) return;
  const batch = waiting;
  waiting = [];
  isFlushing = true;
  const pieces = batch.flatMap(({ pieces: own }) => own);
  writev(journal, pieces, (failed) => {
    if (failed) throw failed;
    fdatasync(journal, (unsynced) => {
      if (unsynced) throw unsynced;
      for (const { done } of batch) done();
      isFlushing = false;
      flush();
    });
  });
}

function keep(pieces, done) {
  waiting.push({ pieces, done });
  if (waiting.length === 1) setImmediate(flush);
}

createServer({ noDelay: true }, (socket) => {
  let pieces = [];
  let held = Buffer.alloc(0);
  let isContent = false;

  function lines() {
    let said = '';
    for (let at = held.indexOf(CRLF); at >= 0; at = isContent ? -1 : held.indexOf(CRLF)) {
      const verb = held.toString('latin1', 0, 4).toUpperCase();
      held = held.subarray(at + 2);
      isContent = verb === 'DATA';
      said += ANSWERS[verb] ?? '250 ok\r\n';
      if (verb === 'QUIT') socket.end(said);
    }
    if (said !== '' && !socket.writableEnded) socket.write(said);
  }

  /** The end may lie across two pieces: the last four octets are looked at again. */
  function content() {
    const at = held.indexOf(END);
    if (at >= 0) {
      pieces.push(held.subarray(0, at + 2));
      held = held.subarray(at + END.length);
      const whole = pieces;
      pieces = [];
      isContent = false;
      keep(whole, () => socket.write('250 kept\r\n'));
      return held.length > 0 ? lines() : undefined;
    }
    const safe = Math.max(0, held.length - END.length + 1);
    if (safe > 0) pieces.push(held.subarray(0, safe));
    held = held.subarray(safe);
    if (pieces.reduce((sum, piece) => sum + piece.length, 0) > SIZE_LIMIT) socket.destroy();
    return undefined;
  }

  socket.on('data', (bytes) => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    if (!isContent) lines();
    if (isContent && held.length > 0) content();
  });
  socket.on('error', () => undefined);
  socket.write('220 bare.bench.test ESMTP\r\n');
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
