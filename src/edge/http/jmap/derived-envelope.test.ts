/** Whom a header names, as an envelope. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SetFault } from '../../../codec/jmap/error.ts';
import { derivedEnvelope } from './derived-envelope.ts';

const derive = (...lines: readonly string[]) => derivedEnvelope(Buffer.from([...lines, '', ''].join('\r\n')));

test('everybody in To, Cc and Bcc once, the sender before the author', () => {
  const cases: readonly (readonly [readonly string[], string | null, readonly string[]])[] = [
    [
      ['From: A <a@x.example>', 'To: b@x.example, B@X.example', 'Cc: c@x.example,b@x.example'],
      'a@x.example',
      ['b@x.example', 'c@x.example'],
    ],
    [['From: a@x.example, b@x.example', 'Sender: b@x.example', 'To: c@x.example'], 'b@x.example', ['c@x.example']],
    [['To: Friends: b@x.example, c@x.example;, d@x.example'], null, ['b@x.example', 'c@x.example', 'd@x.example']],
    [['To: undisclosed-recipients:;', 'Bcc: b@x.example', 'BCC: c@x.example'], null, ['b@x.example', 'c@x.example']],
    [['To: "odd one"@x.example', 'Bcc:', ' b@x.example'], null, ['"odd one"@x.example', 'b@x.example']],
    [['To: =?utf-8?q?b=40evil.example?= <b@x.example>'], null, ['b@x.example']],
    [['To: jürg@x.example'], null, ['jürg@x.example']],
    [['Resent-To: b@x.example', 'Reply-To: c@x.example', 'X-To: d@x.example'], null, []],
    [['To: local'], null, ['local']],
  ];
  for (const [lines, from, to] of cases) assert.deepEqual(derive(...lines), { from, to }, lines.join());
});

test('what cannot be read is refused, not left out', () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['From: a@x.example', 'From: b@x.example'], 'from'],
    [['Sender: a@x.example, b@x.example', 'From: a@x.example'], 'sender'],
    [['Bcc: <<<'], 'bcc'],
    [[`To: ${Array.from({ length: 3_000 }, (_, at) => `a${at}@x.example`).join(',\r\n ')}`], 'to'],
  ];
  for (const [lines, property] of cases) {
    assert.throws(
      () => derive(...lines),
      (error) => error instanceof SetFault && error.error.type === 'invalidEmail' && error.error.properties?.[0] === property,
      lines.join().slice(0, 60),
    );
  }
});
