import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EmailId } from '../../core/ids.ts';
import { FLAG } from '../../core/mailbox.ts';
import type { EntryColumns } from '../../core/ports/store.ts';
import { type Entry, MailboxColumns } from './columns.ts';
import { pieces, rowRanges } from './uid-pieces.ts';

const entry = (uid: number, flags = 0, keywords: readonly string[] = [], modseq = uid): Entry => ({
  uid,
  email: (uid * 10) as EmailId,
  flags,
  keywords,
  modseq,
});

function loaded(count: number, step = 1): EntryColumns {
  return {
    uids: Float64Array.from({ length: count }, (_, row) => 1 + row * step),
    flags: Uint8Array.from({ length: count }, (_, row) => (row % 3 === 0 ? FLAG.seen : 0)),
    modseqs: Float64Array.from({ length: count }, (_, row) => row + 1),
    emails: Float64Array.from({ length: count }, (_, row) => row + 1_000),
    keywords: new Map([[0, ['$First']]]),
  };
}

/** Steps of a random test, always the same. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % below;
  };
}

test('rows are found by uid, with and without holes', () => {
  for (const step of [1, 3]) {
    const columns = new MailboxColumns();
    columns.load(loaded(1_000, step));
    for (let row = 0; row < 1_000; row++) assert.equal(columns.rowOf(1 + row * step), row);
    for (const uid of [0, -1, 1_000 * step + 1, Number.NaN, 1.5]) assert.equal(columns.rowOf(uid), -1);
    assert.equal(columns.firstRowFrom(0), 0);
    assert.equal(columns.firstRowFrom(1e12), 1_000);
    assert.deepEqual(columns.keywords(0), ['$First']);
    assert.deepEqual(columns.keywords(1), []);
  }
});

test('random changes agree with a plain list', () => {
  const roll = dice(7);
  const columns = new MailboxColumns();
  const plain = new Map<number, Entry>();
  let [nextUid, modseq] = [1, 1];
  for (let step = 0; step < 3_000; step++) {
    modseq++;
    const some = [...plain.keys()].filter(() => roll(20) === 0);
    if (roll(3) > 0) {
      const added = entry(nextUid, roll(32), roll(4) === 0 ? [`k${roll(3)}`] : [], modseq);
      nextUid += 1 + roll(3);
      assert.equal(columns.add(added), true);
      plain.set(added.uid, added);
    } else if (roll(2) === 0) {
      for (const uid of some) {
        const now = { ...entry(uid, roll(32), roll(2) === 0 ? [`k${roll(3)}`] : [], modseq), email: (uid * 10) as EmailId };
        assert.equal(columns.update(now), true);
        plain.set(uid, now);
      }
    } else {
      assert.equal(columns.remove([...some, 999_999, ...some].reverse()), some.length);
      for (const uid of some) plain.delete(uid);
    }
  }
  assert.equal(columns.count, plain.size);
  let row = 0;
  for (const { uid, email, flags, keywords, modseq: at } of plain.values()) {
    assert.deepEqual(
      [columns.uids[row], columns.email(row), columns.flags(row), columns.keywords(row), columns.modseq(row)],
      [uid, email, flags, keywords, at],
    );
    row++;
  }
  const all = [...plain.values()];
  assert.equal(columns.unseen, all.filter(({ flags }) => (flags & FLAG.seen) === 0).length);
  assert.equal(columns.deleted, all.filter(({ flags }) => (flags & FLAG.deleted) !== 0).length);
  assert.deepEqual([...columns.keywordsInUse()].sort(), [...new Set(all.flatMap(({ keywords }) => keywords))].sort());
});

test('old news changes nothing', () => {
  const columns = new MailboxColumns();
  assert.equal(columns.add(entry(5, FLAG.seen, [], 10)), true);
  assert.equal(columns.add(entry(5, FLAG.seen, [], 10)), false);
  assert.equal(columns.add(entry(3, 0, [], 4)), false, 'added and expunged before we looked');
  assert.equal(columns.update(entry(5, 0, [], 9)), false);
  assert.equal(columns.update(entry(6, 0, [], 99)), false);
  assert.equal(columns.remove([6, 7]), 0);
  assert.deepEqual([columns.count, columns.flags(0), columns.unseen], [1, FLAG.seen, 0]);
});

test('a hundred thousand rows: adding, finding and removing half of them in one pass', () => {
  const columns = new MailboxColumns();
  const began = performance.now();
  for (let uid = 1; uid <= 100_000; uid++) columns.add(entry(uid));
  for (let uid = 1; uid <= 100_000; uid += 7) assert.equal(columns.rowOf(uid), uid - 1);
  const odd = Array.from({ length: 50_000 }, (_, index) => index * 2 + 1);
  assert.equal(columns.remove(odd), 50_000);
  const took = performance.now() - began;
  assert.equal(columns.count, 50_000);
  for (let row = 0; row < 50_000; row += 997) assert.deepEqual([columns.uids[row], columns.email(row)], [row * 2 + 2, (row * 2 + 2) * 10]);
  // Moving the rest for each of them would be 2,500,000,000 moves, many seconds.
  assert.ok(took < 2_000, `took ${took} ms`);
});

test('sets of uids become rows and pieces', () => {
  const columns = new MailboxColumns();
  columns.load(loaded(10, 10));
  assert.deepEqual(
    rowRanges(columns, [
      [5, 25],
      [26, 30],
      [91, 4_294_967_295],
    ]),
    [
      [1, 3],
      [9, 10],
    ],
  );
  assert.deepEqual(pieces(columns, [[1, 1_000]], 4), [[[1, 31]], [[41, 71]], [[81, 91]]]);
  assert.deepEqual(
    pieces(
      columns,
      [
        [1, 11],
        [41, 51],
      ],
      3,
    ),
    [
      [
        [1, 11],
        [41, 41],
      ],
      [[51, 51]],
    ],
  );
  assert.deepEqual(pieces(columns, [[2, 9]], 3), []);
  assert.deepEqual(
    pieces(columns, [[1, 1_000]], 100, (row) => row % 3 === 0),
    [
      [
        [1, 1],
        [31, 31],
        [61, 61],
        [91, 91],
      ],
    ],
  );
});
