import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkRfc, holdAgainst, type LedgerRow, type Marks, marksIn, readLedger } from './check-rfc.ts';

const HEAD = 'RFC\tTitle\tState\tWhere\tRemarks';
const FILE = 'core/refusal.ts';

const row = (about: Partial<LedgerRow>): LedgerRow => ({ line: 2, rfc: '5321', title: 'SMTP', state: 'done', where: [FILE], ...about });
const marks = (path: string, ...rfcs: string[]): Marks => new Map([[path, new Set(rfcs)]]);

test('the ledger of this tree holds', () => {
  assert.deepEqual(checkRfc(), []);
});

test('a mark is RFC, a space and a number', () => {
  assert.deepEqual([...marksIn('RFC 5321 §4.2, (RFC 791); RFC822.SIZE, RFC5322, an RFC 12')], ['5321', '791']);
});

describe('a ledger is read', () => {
  test('rows, with their files', () => {
    const { rows, complaints } = readLedger(`${HEAD}\n5321\tSMTP\tdone\ta.ts b.ts\tBoth ways\n1939\tPOP3\tlater\t\t\n`);
    assert.deepEqual(complaints, []);
    assert.deepEqual(rows[0], { line: 2, rfc: '5321', title: 'SMTP', state: 'done', where: ['a.ts', 'b.ts'] });
    assert.deepEqual(rows[1]?.where, []);
  });

  test('a head or a line of another shape is named by its number', () => {
    const { complaints } = readLedger('RFC,Title\n5321\tSMTP\n');
    assert.match(complaints[0] ?? '', /tsv:1 should name the columns/);
    assert.match(complaints[1] ?? '', /tsv:2 has 2 columns/);
  });
});

describe('a ledger is held against the code', () => {
  const cases: readonly (readonly [string, LedgerRow[], Marks, RegExp | undefined])[] = [
    ['what is done and cited where it says is fine', [row({})], marks(FILE, '5321'), undefined],
    ['what comes later needs no mark', [row({ state: 'later', where: [] })], marks(FILE), undefined],
    ['a mark without a row', [row({})], marks(FILE, '5321', '9999'), /cites RFC 9999, which has no row/],
    ['done without a mark', [row({})], marks(FILE), /called done, but no file it names cites it/],
    ['partly without a file', [row({ state: 'partly', where: [] })], marks(FILE, '5321'), /called partly/],
    ['a test proves nothing', [row({ where: ['lib/gate.test.ts'] })], marks('lib/gate.test.ts', '5321'), /no file it names cites it/],
    ['a file that is not there', [row({ where: [FILE, 'core/none.ts'] })], marks(FILE, '5321'), /names src\/core\/none.ts/],
    ['a state nobody knows', [row({ state: 'soon' })], marks(FILE, '5321'), /is "soon": write/],
    ['no title', [row({ title: '' })], marks(FILE, '5321'), /has no title/],
    ['no number', [row({ rfc: 'BCP 38', state: 'later' })], marks(FILE), /is not a number/],
    ['the same twice', [row({}), row({ line: 3 })], marks(FILE, '5321'), /tsv:3 RFC 5321 stands after RFC 5321/],
  ];
  for (const [name, rows, cited, expected] of cases) {
    test(name, () => {
      const complaints = holdAgainst(rows, cited);
      assert.equal(complaints.length, expected === undefined ? 0 : 1, complaints.join('\n'));
      if (expected !== undefined) assert.match(complaints[0] ?? '', expected);
    });
  }
});
