import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DotStuffer } from './dot-stuffing.ts';

/** What goes over the wire for a message fed in pieces, or the fault. */
function stuff(text: string, cut: () => number = () => 1_000_000): string {
  const stuffer = new DotStuffer();
  const bytes = Buffer.from(text, 'latin1');
  let wire = '';
  for (let at = 0; at < bytes.length; ) {
    const size = cut();
    const pieces = stuffer.push(bytes.subarray(at, at + size));
    if (!pieces.ok) return `${pieces.why} at ${pieces.at}`;
    wire += Buffer.concat(pieces.value).toString('latin1');
    at += size;
  }
  const end = stuffer.end();
  return end.ok ? wire + end.value : `${end.why} at ${end.at}`;
}

const TABLE: readonly [string, string][] = [
  ['', '.\r\n'],
  ['a\r\n', 'a\r\n.\r\n'],
  ['a', 'a\r\n.\r\n'],
  ['.', '..\r\n.\r\n'],
  ['.\r\n', '..\r\n.\r\n'],
  ['.\r\n.\r\n', '..\r\n..\r\n.\r\n'],
  ['a\r\n..b\r\n', 'a\r\n...b\r\n.\r\n'],
  ['a.b\r\nc.\r\n', 'a.b\r\nc.\r\n.\r\n'],
  ['\r\n.\r\n', '\r\n..\r\n.\r\n'],
  // The smuggling matrix: every way to write an end of data that only some servers read as one.
  ['a\n.\nMAIL', 'a bare LF at 1'],
  ['a\n.\r\nMAIL', 'a bare LF at 1'],
  ['a\r\n.\nMAIL', 'a bare LF at 4'],
  ['a\r.\r\nMAIL', 'a bare CR at 1'],
  ['a\r\n.\rMAIL', 'a bare CR at 4'],
  ['a\r\r\n.\r\nMAIL', 'a bare CR at 1'],
  ['a\r', 'a bare CR at 1'],
  ['\n', 'a bare LF at 0'],
];

test('dots are doubled and nothing but CRLF leaves, however the message is cut', () => {
  let seed = 5;
  const random = (): number => 1 + ((seed = (seed * 48_271) % 0x7fffffff) % 4);
  for (const [message, wire] of TABLE) {
    assert.equal(stuff(message), wire, JSON.stringify(message));
    assert.equal(
      stuff(message, () => 1),
      wire,
      JSON.stringify(message),
    );
    for (let round = 0; round < 20; round++) assert.equal(stuff(message, random), wire, JSON.stringify(message));
  }
});

test('a chunk without dots at line starts is not copied', () => {
  const chunk = Buffer.from('Subject: x\r\n\r\nhello. world\r\n');
  const pieces = new DotStuffer().push(chunk);
  assert.ok(pieces.ok && pieces.value.length === 1 && pieces.value[0] === chunk);
});
