import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeTransfer, encodeBase64, encodeQuotedPrintable, isKnownEncoding, transferDecoder } from './transfer-encoding.ts';

const decode = (text: string, encoding: string): string => decodeTransfer(Buffer.from(text, 'latin1'), encoding).toString('latin1');

function inPieces(octets: Uint8Array, encoding: string, nextLength: () => number): Buffer {
  const decoder = transferDecoder(encoding);
  assert.ok(decoder !== undefined);
  const pieces: Buffer[] = [];
  for (let at = 0; at < octets.length; ) {
    const length = Math.max(1, nextLength());
    pieces.push(decoder.push(octets.subarray(at, at + length)));
    at += length;
  }
  return Buffer.concat([...pieces, decoder.end()]);
}

const QUOTED: readonly (readonly [string, string])[] = [
  ['', ''],
  ['plain', 'plain'],
  ['a=3Db', 'a=b'],
  ['a=3db', 'a=b'],
  ['soft=\r\nbreak', 'softbreak'],
  ['soft=\nbreak', 'softbreak'],
  ['soft= \t\r\nbreak', 'softbreak'],
  ['trailing \t\r\nnext', 'trailing\r\nnext'],
  ['trailing \nnext', 'trailing\nnext'],
  ['kept=20\r\n', 'kept \r\n'],
  ['end \t', 'end'],
  ['end=', 'end'],
  ['end=\r\n', 'end'],
  ['wrong =ZZ =4 = x', 'wrong =ZZ =4 = x'],
  ['==41', '=A'],
  ['=', ''],
  ['a\rb\r\r\nc', 'a\rb\r\nc'],
  ['\xfc raw', '\xfc raw'],
  [`a${' '.repeat(1_200)}\r\n`, `a${' '.repeat(201)}\r\n`],
];

test('quoted-printable as standards and mailers write it', () => {
  for (const [text, decoded] of QUOTED) assert.equal(decode(text, 'quoted-printable'), decoded, JSON.stringify(text.slice(0, 40)));
});

const BASE64: readonly (readonly [string, string])[] = [
  ['', ''],
  ['YWJj', 'abc'],
  ['YWJjZA==', 'abcd'],
  ['YWJjZA', 'abcd'],
  ['YWJjZ', 'abc'],
  ['YW\r\nJj\r\n', 'abc'],
  ['Y W!J\xffj', 'abc'],
  ['-_-_', '\xfb\xff\xbf'],
  ['YQ==\r\nYmM=\r\n', 'abc'],
  ['YQ==YmM=', 'abc'],
  ['YQ==\r\n________________\r\nThis list is great\r\n', 'a'],
  ['YQ==\r\nlist\r\n-- \r\nmore', 'a\x96\x2b\x2d'],
  ['====', ''],
];

test('base64 as standards and mailers write it', () => {
  for (const [text, decoded] of BASE64) assert.equal(decode(text, 'base64'), decoded, text);
});

test('in pieces the same octets come out', () => {
  const quoted = fc.array(fc.constantFrom('=', '=\r\n', '=3D', '=4', ' ', '\t', '\r', '\n', '\r\n', 'a', 'F', ' '.repeat(600), '\xe4'), {
    maxLength: 25,
  });
  const base64 = fc.array(fc.constantFrom('YWJj', 'Y', 'Zg==', '=', '\r\n', ' ', '-', '\xe4', 'AA'), { maxLength: 25 });
  for (const [encoding, source] of [
    ['quoted-printable', quoted],
    ['base64', base64],
  ] as const) {
    fc.assert(
      fc.property(source, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }), (pieces, cuts) => {
        const octets = Buffer.from(pieces.join(''), 'latin1');
        const whole = decodeTransfer(octets, encoding).toString('latin1');
        assert.equal(inPieces(octets, encoding, () => 1).toString('latin1'), whole);
        let turn = 0;
        assert.equal(inPieces(octets, encoding, () => cuts[turn++ % cuts.length] ?? 1).toString('latin1'), whole);
      }),
      { numRuns: 300 },
    );
  }
});

test('what is encoded is read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      const encoded = encodeBase64(octets);
      assert.deepEqual(decodeTransfer(Buffer.from(encoded), 'base64'), Buffer.from(octets));
      for (const line of encoded.split('\r\n')) assert.ok(line.length <= 76);
    }),
  );
  const text = fc
    .array(fc.constantFrom('a', ' ', '\t', '=', '.', 'From ', '\r\n', 'ü', '\r', '\0', 'x'.repeat(80)), { maxLength: 30 })
    .map((pieces) => pieces.join('').replace(/\r?\n/g, '\r\n'));
  fc.assert(
    fc.property(text, (text) => {
      const encoded = encodeQuotedPrintable(Buffer.from(text, 'utf8'));
      assert.equal(decodeTransfer(Buffer.from(encoded, 'latin1'), 'quoted-printable').toString('utf8'), text);
      for (const line of encoded.split('\r\n')) assert.match(line, /^(?:[!-~ \t]{0,75}[!-~])?$/);
    }),
  );
});

test('what mail paths change is encoded', () => {
  assert.equal(encodeQuotedPrintable(Buffer.from('.\r\nFrom me\r\nend \r\n')), '=2E\r\n=46rom me\r\nend=20\r\n');
});

test('uuencode in pieces is uuencode in one', () => {
  const line = '#0V%T\r\n';
  const texts = [
    `intro\r\nbegin 644 x\r\n${line.repeat(30)}\`\r\nend\r\nrest`,
    `begin 644 x\n${line.repeat(3)}#0V`,
    `begin 644 x\nM\nM\n#\nend\n`,
    'not at begin of a line, begin 644 x\n#0V%T\nend\n',
    'begin 644 no line end',
    `${'text\r\n'.repeat(20_000)}begin 644 too late\n${line}end\n`,
    '',
  ];
  for (const text of texts) {
    const whole = decode(text, 'x-uuencode');
    for (const size of [1, 7, 1_000, 65_536]) {
      if (size === 1 && text.length > 10_000) continue;
      const decoder = transferDecoder('x-uuencode');
      const pieces: Buffer[] = [];
      for (let at = 0; at < text.length; at += size) pieces.push(decoder?.push(Buffer.from(text.slice(at, at + size))) ?? Buffer.alloc(0));
      pieces.push(decoder?.end() ?? Buffer.alloc(0));
      assert.equal(Buffer.concat(pieces).toString('latin1'), whole, `${text.slice(0, 40)} by ${size}`);
    }
  }
  assert.equal(decode(texts[5] ?? '', 'x-uuencode'), texts[5]);
  assert.equal(decode('begin 644 x\nM\nend\n', 'x-uuencode').length, 45);
});

test('uuencode', () => {
  assert.equal(decode('begin 644 cat.txt\n#0V%T\n`\nend\n', 'x-uuencode'), 'Cat');
  assert.equal(decode('intro\r\nbegin 644 x\r\n#0V%T\r\n#0V%T\r\nend\r\nrest', 'uuencode'), 'CatCat');
  assert.equal(decode('no such thing', 'x-uuencode'), 'no such thing');
});

test('what is not encoded passes, and what nobody knows too', () => {
  for (const encoding of ['7bit', '8bit', 'binary', 'x-unknown', '']) assert.equal(decode('a=3D\xff', encoding), 'a=3D\xff');
  assert.equal(transferDecoder('8bit'), undefined);
  assert.deepEqual(['7bit', 'base64', 'x-uuencode', 'x-unknown'].map(isKnownEncoding), [true, true, true, false]);
});

test('big hostile bodies take time in proportion to their length', () => {
  for (const unit of ['=', '= ', ' ', '=4', 'A', 'AA=', 'A\n', '=\n']) {
    for (const encoding of ['base64', 'quoted-printable', 'x-uuencode']) {
      const start = performance.now();
      decode(unit.repeat(400_000), encoding);
      assert.ok(performance.now() - start < 1_500, `${encoding} ${JSON.stringify(unit)}`);
    }
  }
});
