import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CONTENT_LINE_OCTETS, type ContentFault, ContentReader } from './dot-unstuffing.ts';

const SIZE_LIMIT = 10_000_000;

type Outcome = Readonly<{ content: string | undefined; fault: ContentFault | undefined; left: string | undefined }>;

/** Feeds `text` in the given cuts; `left` is what followed the end, undefined when it was not reached. */
function read(text: string, cuts: readonly number[] = [], form: 'dots' | 'lines' = 'dots', sizeLimit = SIZE_LIMIT): Outcome {
  const bytes = Buffer.from(text, 'latin1');
  const reader = new ContentReader({ form, sizeLimit });
  const content: Buffer[] = [];
  const edges = [0, ...cuts, bytes.length];
  let left: string | undefined;
  for (const [at, from] of edges.slice(0, -1).entries()) {
    const part = bytes.subarray(from, edges[at + 1]);
    if (part.length === 0) continue;
    const end = reader.read(part, 0);
    const piece = reader.take();
    if (piece !== undefined) content.push(piece);
    if (reader.isOver) {
      left = bytes.toString('latin1', from + end);
      break;
    }
  }
  if (form === 'lines') reader.finish();
  return { content: reader.fault === undefined ? Buffer.concat(content).toString('latin1') : undefined, fault: reader.fault, left };
}

const everyByte = (text: string): number[] => Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => at + 1);

describe('content after DATA', () => {
  const table: readonly (readonly [string, Outcome])[] = [
    ['.\r\n', { content: '', fault: undefined, left: '' }],
    ['hello\r\n.\r\n', { content: 'hello\r\n', fault: undefined, left: '' }],
    ['\r\n.\r\nQUIT\r\n', { content: '\r\n', fault: undefined, left: 'QUIT\r\n' }],
    ['..\r\n.\r\n', { content: '.\r\n', fault: undefined, left: '' }],
    ['.a\r\n..b\r\nc.\r\n...\r\n.\r\n', { content: 'a\r\n.b\r\nc.\r\n..\r\n', fault: undefined, left: '' }],
    ['a\r\n. \r\n.\r\n', { content: 'a\r\n \r\n', fault: undefined, left: '' }],
    ['a\r\n', { content: 'a\r\n', fault: undefined, left: undefined }],
    ['a\r\n.', { content: 'a\r\n', fault: undefined, left: undefined }],
    ['a\r\n.\r', { content: 'a\r\n', fault: undefined, left: undefined }],
    ['\x80\xff\0\r\n.\r\n', { content: '\x80\xff\0\r\n', fault: undefined, left: '' }],
  ];
  for (const [text, expected] of table) {
    test(JSON.stringify(text), () => {
      assert.deepEqual(read(text), expected);
      assert.deepEqual(read(text, everyByte(text)), expected);
      for (let cut = 1; cut < text.length; cut++) assert.deepEqual(read(text, [cut]), expected, `cut at ${cut}`);
    });
  }

  test('SECURITY: of all line endings around a dot only CRLF.CRLF ends the message, and any other spoils it', () => {
    const ends = ['', '\r', '\n', '\r\n', '\n\r', '\r\r\n', '\r\n\n', '\0\r\n', '\r\0\n', ' \r\n'];
    let tried = 0;
    for (const before of ends) {
      for (const dots of ['.', '..', '. ']) {
        for (const after of ends) {
          const text = `line${before}${dots}${after}MAIL FROM:<smuggled@evil.example>\r\nrest\r\n.\r\nQUIT\r\n`;
          const isEnd = before.endsWith('\r\n') && dots === '.' && (after === '\r\n' || after === '\r\n\n');
          const isBare = /\r(?!\n)|(?<!\r)\n/.test(isEnd ? `line${before}` : text);
          const outcome = read(text);
          tried++;
          assert.equal(
            outcome.left,
            isEnd ? `${after.slice(2)}MAIL FROM:<smuggled@evil.example>\r\nrest\r\n.\r\nQUIT\r\n` : 'QUIT\r\n',
            JSON.stringify(text),
          );
          assert.equal(outcome.fault, isBare ? 'bareLineEnding' : undefined, JSON.stringify(text));
          assert.deepEqual(read(text, everyByte(text)), outcome, JSON.stringify(text));
        }
      }
    }
    assert.equal(tried, 300);
  });

  test('content without stuffed dots is passed on as slices of what arrived', () => {
    const bytes = Buffer.from('Subject: x\r\n\r\nhello\r\n.\r\n');
    const reader = new ContentReader({ form: 'dots', sizeLimit: SIZE_LIMIT });
    reader.read(bytes, 0);
    assert.equal(reader.take()?.buffer, bytes.buffer);
  });

  test('what arrived is not changed', () => {
    const bytes = Buffer.from('..a\r\n..b\r\n.\r\n');
    const before = Buffer.from(bytes);
    const reader = new ContentReader({ form: 'dots', sizeLimit: SIZE_LIMIT });
    reader.read(bytes, 0);
    assert.deepEqual(reader.take(), Buffer.from('.a\r\n.b\r\n'));
    assert.deepEqual(bytes, before);
  });

  test('the size limit counts unstuffed octets, and what is too big is read to its end', () => {
    assert.deepEqual(read('..234\r\n.\r\n', [], 'dots', 6), { content: '.234\r\n', fault: undefined, left: '' });
    assert.deepEqual(read('..2345\r\n.\r\nX', [], 'dots', 6), { content: undefined, fault: 'tooBig', left: 'X' });
  });

  test('a line may be long, within bounds', () => {
    const long = `${'x'.repeat(CONTENT_LINE_OCTETS)}\r\n`;
    assert.equal(read(`${long}${long}.\r\n`).fault, undefined);
    assert.equal(read(`x${long}.\r\n`).fault, 'lineTooLong');
    assert.equal(read(`x${long}.\r\n`, [5, 700_000, 1_000_001]).fault, 'lineTooLong');
  });

  test('agrees with a simple reading of the RFC, however it is cut', () => {
    const piece = fc.constantFrom('.', '..', '\r', '\n', '\r\n', '\r\n.', '\r\n.\r\n', 'a', 'bcdefghij', '\0', ' ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(200), { maxLength: 6 }), (pieces, where) => {
        const text = pieces.join('');
        const cuts = [...new Set(where.filter((at) => at > 0 && at < text.length))].sort((a, b) => a - b);
        assert.deepEqual(read(text, cuts), simply(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

/** RFC 5321 §4.5.2 said with strings: the end is the first CRLF.CRLF, the start of the content counting as CRLF. */
function simply(text: string): Outcome {
  const end = `\r\n${text}`.indexOf('\r\n.\r\n');
  const inside = end < 0 ? text : text.slice(0, end);
  const left = end < 0 ? undefined : text.slice(end + 3);
  // A CR that is still waiting for its LF is nobody's fault yet.
  const settled = end < 0 && inside.endsWith('\r') ? inside.slice(0, -1) : inside;
  if (/\r(?!\n)|(?<!\r)\n/.test(settled)) return { content: undefined, fault: 'bareLineEnding', left };
  const whole = end < 0 && /(^|\r\n)\.\r?$/.test(inside) ? inside.replace(/\.\r?$/, '') : inside;
  return { content: whole.replaceAll(/(^|\r\n)\./g, '$1'), fault: undefined, left };
}

describe('content in chunks', () => {
  test('dots mean nothing, bare line endings as much as elsewhere', () => {
    assert.deepEqual(read('.\r\n..\r\n.', [], 'lines'), { content: '.\r\n..\r\n.', fault: undefined, left: undefined });
    for (const text of ['a\nb', 'a\rb', 'a\r', '\n', 'a\r\r\n'])
      assert.equal(read(text, [], 'lines').fault, 'bareLineEnding', JSON.stringify(text));
    assert.equal(read('a\r\nb', [2], 'lines').fault, undefined);
  });

  test('binary content is whatever it is', () => {
    const reader = new ContentReader({ form: 'binary', sizeLimit: 100 });
    const bytes = Buffer.from('\r\n\n\r.\r\n\0');
    assert.equal(reader.read(bytes, 0), bytes.length);
    assert.deepEqual(reader.take(), bytes);
    reader.finish();
    assert.equal(reader.fault, undefined);
    reader.read(Buffer.alloc(100), 0);
    assert.equal(reader.fault, 'tooBig');
  });
});
