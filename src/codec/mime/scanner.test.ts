import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  BOUNDARY_LIMIT,
  DEFECT_LIMIT,
  DELIMITER_LINE_LIMIT,
  DEPTH_LIMIT,
  FIELD_LIMIT,
  HEADER_LIMIT,
  PART_HEADER_LIMIT,
  PART_HEADERS_LIMIT,
  PART_LIMIT,
  REFERENCE_LIMIT,
} from './limits.ts';
import { MimeScanner, scan } from './scanner.ts';
import { type DefectKind, type MessageStructure, type Part, sections } from './structure.ts';

const TESTDATA = new URL('./testdata/', import.meta.url).pathname;
const FAMILIES = globSync(`${TESTDATA}*.eml`).map((path) => ({ name: basename(path, '.eml'), message: readFileSync(path), path }));
/** Real bounces, kept beside the checkout and not in it. */
const BOUNCES = new URL('../../../../shared/data/bounces/bsd/', import.meta.url).pathname;

/** Feeds pieces out of a buffer that is overwritten afterwards: the scanner may keep nothing of it. */
function inPieces(message: Buffer, nextLength: () => number): MessageStructure {
  const scanner = new MimeScanner();
  for (let at = 0; at < message.length; ) {
    const piece = Buffer.from(message.subarray(at, at + Math.max(1, nextLength())));
    scanner.push(piece);
    at += piece.length;
    piece.fill('-');
  }
  return scanner.end();
}

/** A small generator of our own, so that a failure can be repeated from its seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function assertSound(part: Part, bound: number): void {
  assert.ok(part.headerStart <= part.bodyStart && part.bodyStart <= part.bodyEnd && part.bodyEnd <= bound, JSON.stringify(part));
  assert.equal(part.type === 'multipart', part.parts.length > 0);
  assert.equal(part.type === 'message' && (part.subtype === 'rfc822' || part.subtype === 'global'), part.message !== null);
  const inside = part.message === null ? part.parts : [part.message.root];
  for (const child of inside) {
    assert.ok(child.headerStart >= part.bodyStart);
    assertSound(child, part.bodyEnd);
  }
}

/** Everything that must hold of any octets whatever. */
function assertSame(message: Buffer, seed: number): void {
  const whole = scan(message);
  const random = randomFrom(seed);
  assertSound(whole.root, whole.size);
  assert.deepEqual(
    inPieces(message, () => 1),
    whole,
  );
  for (const most of [3, 40, 400])
    assert.deepEqual(
      inPieces(message, () => 1 + random(most)),
      whole,
    );
  assert.deepEqual(JSON.parse(JSON.stringify(whole)), whole);
  for (const { part } of sections(whole.root)) {
    const body = message.subarray(part.bodyStart, part.bodyEnd);
    const lineFeeds = body.filter((byte) => byte === 10).length;
    assert.equal(part.lines, lineFeeds + (body.length > 0 && body.at(-1) !== 10 ? 1 : 0));
  }
}

const kinds = (structure: MessageStructure): DefectKind[] => structure.defects.map(({ kind }) => kind);
const only = (structure: MessageStructure): Part => {
  const [part] = structure.root.parts;
  assert.ok(part !== undefined);
  return part;
};

for (const { name, message, path } of FAMILIES) {
  test(`golden family ${name}`, () => {
    assert.deepEqual(scan(message), JSON.parse(readFileSync(path.replace(/eml$/, 'json'), 'utf8')));
    assert.ok(existsSync(path.replace(/eml$/, 'md')), 'says why it is here');
    assertSame(message, message.length);
  });
}

test('families with the other line end have the same tree', () => {
  for (const { message } of FAMILIES) {
    const text = message.toString('latin1');
    if (text.includes('\0') || /[^\r]\n/.test(text)) continue;
    const other = scan(Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1'));
    const shape = (part: Part): unknown => [
      part.type,
      part.subtype,
      part.lines,
      part.parts.map(shape),
      part.message && shape(part.message.root),
    ];
    assert.deepEqual(shape(other.root), shape(scan(message).root));
  }
});

test('families with octets changed, lost, doubled and swapped read the same in every way of feeding', () => {
  const SPICE = [
    '\n',
    '\r\n',
    '\r',
    '-',
    '--',
    '--b',
    '\0',
    '\xff',
    ' ',
    ':',
    '"',
    '\n--b\n',
    '\r\n\r\n',
    'Content-Type: multipart/mixed; boundary=b\r\n',
  ];
  for (const { message } of FAMILIES) {
    const random = randomFrom(message.length + 7);
    for (let round = 0; round < 8; round++) {
      let text = message.toString('latin1');
      for (let change = 0; change <= random(4); change++) {
        const [at, length] = [random(text.length + 1), random(30)];
        const inserted = random(3) === 0 ? text.slice(random(text.length + 1)).slice(0, 60) : (SPICE[random(SPICE.length)] ?? '');
        text = text.slice(0, at) + inserted + text.slice(random(2) === 0 ? at : at + length);
      }
      assertSame(Buffer.from(text, 'latin1'), round);
    }
  }
});

test('messages made of the grammar’s own pieces read the same in every way of feeding', () => {
  const piece = fc.constantFrom(
    '\n',
    '\r\n',
    '\r',
    '-',
    '--a',
    '--ab',
    '--a--',
    '--ab--',
    '-- ',
    ' \t',
    'x',
    'Content-Type: multipart/mixed; boundary=a',
    'Content-Type: multipart/digest;\r\n boundary="ab"',
    'Content-Type: message/rfc822',
    'Subject: s',
    'To: b@c',
    'From x',
    'Content-Transfer-Encoding: base64',
    ': ',
    '\0',
    '\xe4',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.integer(), (pieces, seed) =>
      assertSame(Buffer.from(pieces.join(''), 'latin1'), seed),
    ),
    { numRuns: 300 },
  );
});

test('real bounces', { skip: existsSync(BOUNCES) ? false : 'the bounces are not beside this checkout' }, () => {
  const paths = globSync(`${BOUNCES}*.eml`);
  assert.ok(paths.length > 0);
  for (const path of paths) {
    const message = readFileSync(path);
    const whole = scan(message);
    assertSound(whole.root, whole.size);
    assert.deepEqual(
      inPieces(message, () => 61),
      whole,
      path,
    );
  }
});

test('a header past its bound is cut, and what follows is opaque', () => {
  const line = `X-Filler: ${'x'.repeat(88)}\r\n`;
  const filler = line.repeat(Math.ceil(HEADER_LIMIT / line.length / 2));
  const folded = `X-Long: a\r\n${` ${'y'.repeat(98)}\r\n`.repeat(Math.ceil(HEADER_LIMIT / 101))}`;
  for (const header of [`${folded}`, `X-One: ${'z'.repeat(HEADER_LIMIT)}\r\n`, `${folded}${filler}`]) {
    const message = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\nSubject: kept\r\n${header}\r\n--b\r\n\r\nx\r\n--b--\r\n`);
    const structure = scan(message);
    assert.deepEqual(kinds(structure), ['header-too-long']);
    assert.equal(structure.envelope.subject, 'kept');
    assert.equal(`${structure.root.type}/${structure.root.subtype}`, 'application/octet-stream');
    assert.ok(structure.root.bodyStart <= HEADER_LIMIT);
    assert.deepEqual(
      inPieces(message, () => 10_007),
      structure,
    );
  }
});

test('a header may fill its bound to the last octet', () => {
  const start = 'Subject: full\r\n';
  const header = `${start}X: ${'x'.repeat(HEADER_LIMIT - start.length - 3 - 4)}\r\n\r\n`;
  assert.equal(header.length, HEADER_LIMIT);
  assert.deepEqual(scan(Buffer.from(`${header}body`)).defects, []);
  assert.deepEqual(kinds(scan(Buffer.from(`Y${header}body`))), ['header-too-long']);
});

test('too many fields', () => {
  const fields = 'X: y\r\n'.repeat(FIELD_LIMIT - 1);
  const within = scan(Buffer.from(`${fields}Subject: last\r\n\r\nbody`));
  assert.deepEqual([within.defects, within.envelope.subject], [[], 'last']);
  const beyond = scan(Buffer.from(`${fields}X: y\r\nSubject: one more\r\n\r\nbody`));
  assert.deepEqual(kinds(beyond), ['too-many-fields']);
  assert.deepEqual([beyond.envelope.subject, beyond.root.bodyStart], [null, FIELD_LIMIT * 6]);
});

test('the header of a part has a smaller bound, and all of them together another', () => {
  const big = `X: ${'x'.repeat(PART_HEADER_LIMIT)}\r\n`;
  const one = scan(
    Buffer.from(
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n${big}\r\nx\r\n--b\r\n\r\nnext\r\n--b--\r\n`,
    ),
  );
  assert.deepEqual(kinds(one), ['header-too-long']);
  assert.deepEqual(
    one.root.parts.map(({ subtype }) => subtype),
    ['html', 'plain'],
  );
  const nearly = `--b\r\nX: ${'x'.repeat(PART_HEADER_LIMIT - 100)}\r\n\r\n.\r\n`;
  const count = Math.ceil(PART_HEADERS_LIMIT / PART_HEADER_LIMIT) + 4;
  const many = scan(Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${nearly.repeat(count)}--b--\r\n`));
  assert.equal(many.root.parts.length, count);
  assert.ok(kinds(many).every((kind) => kind === 'header-too-long') && many.defects.length >= 3);
});

test('too deep, by multiparts and by messages', () => {
  let multiparts = '';
  for (let depth = 0; depth < DEPTH_LIMIT + 10; depth++)
    multiparts += `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n`;
  const messages = 'Content-Type: message/rfc822\r\n\r\n'.repeat(DEPTH_LIMIT + 10);
  for (const text of [multiparts, messages]) {
    const structure = scan(Buffer.from(`${text}\r\nend`));
    assert.ok(kinds(structure).includes('too-deep'));
    let depth = 0;
    let part: Part | undefined = structure.root;
    for (; part !== undefined; depth++) part = part.message?.root ?? part.parts[0];
    assert.equal(depth, DEPTH_LIMIT + 1);
  }
});

test('too many parts', () => {
  const text = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(PART_LIMIT + 500)}--b--\r\n`;
  const structure = scan(Buffer.from(text));
  assert.deepEqual(kinds(structure), ['too-many-parts']);
  assert.equal(structure.root.parts.length, PART_LIMIT - 1);
  const digest = scan(
    Buffer.from(`Content-Type: multipart/digest; boundary=b\r\n\r\n${'--b\r\n\r\nSubject: x\r\n\r\n'.repeat(PART_LIMIT)}`),
  );
  assert.equal(sections(digest.root).length <= PART_LIMIT + 1, true);
  assert.ok(kinds(digest).includes('too-many-parts'));
});

test('a boundary that is too long', () => {
  const message = (length: number): Buffer =>
    Buffer.from(
      `Content-Type: multipart/mixed; boundary=${'b'.repeat(length)}\r\n\r\n--${'b'.repeat(length)}\r\n\r\nx\r\n--${'b'.repeat(length)}--\r\n`,
    );
  assert.equal(only(scan(message(BOUNDARY_LIMIT))).type, 'text');
  assert.deepEqual(kinds(scan(message(BOUNDARY_LIMIT + 1))), ['boundary-too-long']);
});

test('padding behind a delimiter has an end', () => {
  const message = (padding: number): Buffer =>
    Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n--b${' '.repeat(padding)}\r\n\r\nx\r\n--b--\r\n`);
  const most = DELIMITER_LINE_LIMIT - '--b\r\n'.length;
  assert.equal(scan(message(most)).root.parts.length, 1);
  assert.deepEqual(kinds(scan(message(most + 1))), ['no-parts']);
  for (const padding of [most, most + 1])
    assert.deepEqual(
      inPieces(message(padding), () => 7),
      scan(message(padding)),
    );
});

test('long lists are cut', () => {
  const ids = Array.from({ length: REFERENCE_LIMIT + 5 }, (_, index) => `<${index}@x>`).join(' ');
  const structure = scan(Buffer.from(`References: ${ids}\r\nTo: ${'a@b,'.repeat(3_000)}\r\n\r\n`));
  assert.equal(structure.references.length, REFERENCE_LIMIT);
  assert.deepEqual(kinds(structure).sort(), ['too-many-addresses', 'too-many-references']);
  const noisy = scan(Buffer.from(`${'From: a@b\r\n'.repeat(1_000)}\r\n`));
  assert.equal(noisy.defects.length, DEFECT_LIMIT);
});

test('50 MB in pieces need little memory, whatever they are made of', () => {
  const line = `${'QUJD'.repeat(19)}\r\n`;
  const bodies = [line, '\r\n', '-', '\r\n-', '\r\n--c\r\n', 'x'];
  const size = 8 * 1024 * 1024;
  for (const unit of bodies) {
    const piece = Buffer.alloc(64 * 1024, unit);
    const scanner = new MimeScanner();
    scanner.push(Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n'));
    const before = process.memoryUsage().arrayBuffers;
    for (let done = 0; done < size; done += piece.length) scanner.push(piece);
    const used = process.memoryUsage().arrayBuffers - before;
    assert.ok(used < 1024 * 1024, `${JSON.stringify(unit)} holds ${used} octets`);
    assert.equal(scanner.end().root.parts.length, 1);
  }
});

test('hostile shapes take time in proportion to their length', () => {
  const shapes: readonly string[] = [
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'\n--'.repeat(300_000)}`,
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--'.repeat(500_000)}`,
    `To: ${'<'.repeat(400_000)}\r\n\r\n`,
    `To: ${'('.repeat(400_000)}\r\n\r\n`,
    `To: ${'@['.repeat(200_000)}\r\n\r\n`,
    `To: ${'"\\'.repeat(200_000)}\r\n\r\n`,
    `To: ${'a b '.repeat(100_000)}\r\n\r\n`,
    `To: ${'a. '.repeat(100_000)}@b\r\n\r\n`,
    `To: ${'a:;'.repeat(100_000)}\r\n\r\n`,
    `References: ${'<'.repeat(400_000)}\r\n\r\n`,
    `References: ${'<a'.repeat(200_000)}>\r\n\r\n`,
    `Content-Type: a/b${'; x=" '.repeat(80_000)}\r\n\r\n`,
    `Content-Type: a/b${'; x*1*=%'.repeat(50_000)}\r\n\r\n`,
    `Content-Type: ${' '.repeat(400_000)}(\r\n\r\n`,
    `Content-Type: ${'('.repeat(400_000)}/\r\n\r\n`,
    `Content-Type: a/b; filename="${'=?a?q?'.repeat(60_000)}"\r\n\r\n`,
    `Subject: ${'\t\r\n '.repeat(100_000)}\r\n\r\n`,
  ];
  for (const shape of shapes) {
    const start = performance.now();
    scan(Buffer.from(shape));
    const took = performance.now() - start;
    assert.ok(took < 1_500, `${shape.slice(0, 60)} took ${took} ms`);
  }
});
