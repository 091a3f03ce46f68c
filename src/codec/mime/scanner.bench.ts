/** `node src/codec/mime/scanner.bench.ts`: microseconds per message for the structure of small and big mail. Not a test: machines differ. */
import { Buffer } from 'node:buffer';
import { MimeScanner, scan } from './scanner.ts';

/** Long enough for the compiler to settle, short enough to be run often. */
const WARM_UP = 2_000;
const ROUNDS = 5;
const ROUND_MS = 400;

const HEADER = [
  ...Array.from(
    { length: 5 },
    (_, hop) =>
      `Received: from relay${hop}.example.net (relay${hop}.example.net [192.0.2.${hop}])\r\n\tby mx${hop}.example.org with ESMTPS id 4abc${hop}DEF\r\n\tfor <bob@example.org>; Tue, 15 Nov 2024 08:12:3${hop} +0100 (CET)`,
  ),
  `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=k1;\r\n h=from:to:subject:date:message-id:mime-version:content-type;\r\n bh=${'A'.repeat(43)}=;\r\n b=${'B'.repeat(344)}`,
  'Authentication-Results: mx.example.org; dkim=pass header.d=example.net; spf=pass smtp.mailfrom=example.net',
  'From: =?utf-8?Q?J=C3=BCrgen_M=C3=BCller?= <juergen@example.net>',
  'To: "Bob, the Builder" <bob@example.org>, Carol Example <carol@example.org>',
  'Cc: dave@example.com',
  'Subject: =?utf-8?B?R3LDvMOfZSBhdXMgQmVybGlu?= and more words behind it',
  'Date: Tue, 15 Nov 2024 08:12:31 +0100',
  'Message-ID: <20241115081231.12345@example.net>',
  'In-Reply-To: <20241114081231.12345@example.org>',
  'References: <20241113081231.1@example.org> <20241114081231.12345@example.org>',
  'X-Mailer: Something 1.0',
  'List-Unsubscribe: <mailto:leave@example.net>, <https://example.net/leave?id=12345>',
  'MIME-Version: 1.0',
].join('\r\n');

const LINE = 'The quick brown fox jumps over the lazy dog, again and again and again.\r\n';

function plain(size: number): Buffer {
  const text = `${HEADER}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n`;
  return Buffer.from(text + LINE.repeat(Math.max(0, Math.ceil((size - text.length) / LINE.length))));
}

function alternative(size: number): Buffer {
  const body = LINE.repeat(Math.max(1, Math.ceil((size - HEADER.length - 400) / LINE.length / 2)));
  const part = (type: string): string =>
    `--frontier\r\nContent-Type: ${type}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${body}\r\n`;
  return Buffer.from(
    `${HEADER}\r\nContent-Type: multipart/alternative; boundary="frontier"\r\n\r\n${part('text/plain')}${part('text/html')}--frontier--\r\n`,
  );
}

function attachment(size: number): Buffer {
  const data = `${'QUJD'.repeat(19)}\r\n`.repeat(Math.ceil(size / 78));
  const file = `--frontier\r\nContent-Type: application/pdf; name="report.pdf"\r\nContent-Disposition: attachment; filename="report.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${data}\r\n`;
  const text = `--frontier\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${LINE}\r\n`;
  return Buffer.from(`${HEADER}\r\nContent-Type: multipart/mixed; boundary="frontier"\r\n\r\n${text}${file}--frontier--\r\n`);
}

function inPieces(message: Buffer): void {
  const scanner = new MimeScanner();
  for (let at = 0; at < message.length; at += 65_536) scanner.push(message.subarray(at, at + 65_536));
  scanner.end();
}

/** The best round: what the code costs when nobody else has the processor. */
function microseconds(work: () => void): number {
  for (let count = 0; count < WARM_UP; count++) work();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    let count = 0;
    const until = performance.now() + ROUND_MS;
    while (performance.now() < until) for (let burst = 0; burst < 20; burst++, count++) work();
    const used = process.cpuUsage(start);
    best = Math.min(best, (used.user + used.system) / count);
  }
  return best;
}

const MESSAGES: readonly (readonly [string, Buffer])[] = [
  ['plain, 4 KiB', plain(4_096)],
  ['alternative, 4 KiB', alternative(4_096)],
  ['alternative, 10 KiB', alternative(10_240)],
  ['with attachment, 210 kB', attachment(210_000)],
];

for (const [name, message] of MESSAGES) {
  const whole = microseconds(() => scan(message));
  const pieces = microseconds(() => inPieces(message));
  const rate = Math.round(1e6 / whole).toLocaleString('en');
  console.log(
    `${name} (${message.length} octets): ${whole.toFixed(1)} µs, ${rate}/s, ${Math.round(message.length / whole)} MB/s; in 64 KiB pieces ${pieces.toFixed(1)} µs`,
  );
}
