import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from '../../codec/imap/cursor.ts';
import { type NumberSet, readNumberSet } from '../../codec/imap/number-set.ts';
import type { Change } from '../../core/change.ts';
import type { AccountId, EmailId, MailboxId, Uid } from '../../core/ids.ts';
import { MailboxColumns } from '../../service/mailboxes/columns.ts';
import type { OpenMailbox } from '../../service/mailboxes/mailboxes.ts';
import { View } from './view.ts';

const account = 1 as AccountId;
const mailbox = 2 as MailboxId;
const set = (text: string): NumberSet => readNumberSet(new Cursor(Buffer.from(text)));

/** A mailbox that changes as the service would change it: columns first, then the news. */
class Box {
  readonly columns = new MailboxColumns();
  readonly views: View[] = [];
  modseq = 1;

  constructor(count: number) {
    for (let uid = 1; uid <= count; uid++) this.columns.add(this.#entry(uid));
  }

  #entry(uid: number, flags = 0) {
    return { uid, email: uid as EmailId, flags, keywords: [], modseq: ++this.modseq };
  }

  view(): View {
    const open: Partial<OpenMailbox> = { mailbox, columns: this.columns, close: () => {} };
    const view = new View(open as OpenMailbox, false);
    this.views.push(view);
    return view;
  }

  add(uid: number): void {
    const entry = this.#entry(uid);
    this.columns.add(entry);
    this.#tell({ kind: 'added', account, mailbox, ...entry, uid: uid as Uid, isNew: true });
  }

  flag(uid: number, flags: number): number {
    const entry = this.#entry(uid, flags);
    this.columns.update(entry);
    this.#tell({ kind: 'flags', account, mailbox, ...entry, uid: uid as Uid });
    return this.modseq;
  }

  expunge(...uids: number[]): void {
    this.columns.remove(uids);
    this.#tell({ kind: 'expunged', account, mailbox, modseq: ++this.modseq, uids: uids as Uid[], emails: uids as number[] as EmailId[] });
  }

  #tell(change: Change): void {
    for (const view of this.views) view.note(change);
  }
}

/** What a session would say, expunges and all. */
function told(view: View, withExpunges = true): string[] {
  const lines: string[] = [];
  const telling = { modseqs: false, untagged: (line: string): void => void lines.push(line) };
  if (withExpunges) view.tellExpunges(telling);
  view.tellNews(telling);
  return lines;
}

describe('a view', () => {
  it('tells new messages, changed flags and expunges, each session in its time', () => {
    const box = new Box(5);
    const [one, other] = [box.view(), box.view()];
    box.add(6);
    box.flag(2, 1);
    box.expunge(1, 4);
    assert.deepEqual(told(one), ['4 EXPUNGE', '1 EXPUNGE', '1 FETCH (UID 2 FLAGS (\\Seen))', '4 EXISTS']);
    assert.deepEqual(told(one), []);
    assert.equal(one.count, 4);
    box.expunge(5);
    box.add(7);
    assert.deepEqual(told(other), ['5 EXPUNGE', '4 EXPUNGE', '1 EXPUNGE', '1 FETCH (UID 2 FLAGS (\\Seen))', '4 EXISTS']);
    assert.deepEqual(told(one), ['3 EXPUNGE', '4 EXISTS']);
  });

  it('keeps its numbers while expunges may not be told', () => {
    const box = new Box(5);
    const view = box.view();
    box.expunge(2, 3);
    assert.deepEqual(told(view, false), []);
    assert.equal(view.count, 5);
    assert.equal(view.isCoherent, true);
    assert.deepEqual([...view.uidsOf(set('1:*'), false)], [1, 2, 3, 4, 5]);
    assert.equal(view.numberOf(box.columns.rowOf(4)), 4);
    box.add(6);
    assert.deepEqual(told(view, false), ['6 EXISTS']);
    assert.deepEqual([...view.uidsOf(set('6'), false)], [6]);
    assert.deepEqual(told(view), ['3 EXPUNGE', '2 EXPUNGE']);
    assert.equal(view.numberOf(box.columns.rowOf(6)), 4);
    assert.deepEqual([...view.uidsOf(set('2,4'), false)], [4, 6]);
  });

  it('never speaks of messages that came and went unheard of', () => {
    const box = new Box(2);
    const view = box.view();
    box.add(3);
    box.flag(3, 1);
    box.expunge(3);
    assert.deepEqual(told(view), []);
    assert.equal(view.isCoherent, true);
  });

  it('keeps quiet about what this session did itself', () => {
    const box = new Box(3);
    const [one, other] = [box.view(), box.view()];
    one.keepQuiet([{ uid: 2, modseq: box.flag(2, 8) }]);
    assert.deepEqual(told(one), []);
    assert.deepEqual(told(other), ['2 FETCH (UID 2 FLAGS (\\Deleted))']);
    one.keepQuiet([{ uid: 2, modseq: box.flag(2, 1) }]);
    box.flag(2, 4);
    assert.deepEqual(told(one), ['2 FETCH (UID 2 FLAGS (\\Flagged))']);
  });

  it('tells many changes once each', () => {
    const box = new Box(1000);
    const view = box.view();
    for (let uid = 1; uid <= 500; uid++) box.flag(uid, 1);
    box.flag(1, 5);
    const lines = told(view);
    assert.equal(lines.length, 500);
    assert.equal(lines[0], '1 FETCH (UID 1 FLAGS (\\Flagged \\Seen))');
  });

  it('reads sets of numbers and of uids', () => {
    const box = new Box(0);
    for (const uid of [10, 20, 30]) box.add(uid);
    const view = box.view();
    assert.deepEqual([...view.uidsOf(set('2:*'), false)], [20, 30]);
    assert.deepEqual([...view.uidsOf(set('15:25,999:*'), true)], [20, 30]);
    assert.deepEqual([...view.uidsOf(set('1:4294967295'), true)], [10, 20, 30]);
    assert.equal(view.overshoots(set('1:4294967295')), true);
    assert.equal(view.overshoots(set('3,*')), false);
    assert.equal(new Box(0).view().overshoots(set('*')), true);
    assert.deepEqual(view.rangesOf(set('1:2,9'), false), [[10, 20]]);
    assert.deepEqual(view.rangesOf(set('15:*,1'), true), [
      [1, 1],
      [15, 30],
    ]);
    view.saved = Float64Array.of(10, 30);
    assert.deepEqual(view.rangesOf(set('$'), true), [
      [10, 10],
      [30, 30],
    ]);
    box.expunge(10);
    assert.deepEqual([...view.uidsOf(set('$'), false)], [30]);
  });

  it('is not misled by late news of what was gone before it looked', () => {
    const box = new Box(5);
    box.columns.remove([2, 3]);
    const view = box.view();
    view.note({ kind: 'expunged', account, mailbox, modseq: 99, uids: [2, 3] as Uid[], emails: [2, 3] as EmailId[] });
    assert.deepEqual([told(view), view.count, view.isCoherent], [[], 3, true]);
    box.expunge(4);
    assert.deepEqual(told(view), ['2 EXPUNGE']);
  });

  it('notices when the columns no longer fit', () => {
    const box = new Box(3);
    const view = box.view();
    box.columns.remove([2]);
    assert.equal(view.isCoherent, false);
  });

  it('agrees with a client that keeps a plain list', () => {
    let seed = 23;
    const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    for (let round = 0; round < 100; round++) {
      const box = new Box(random(12));
      const view = box.view();
      const client = [...view.uidsOf(set('1:*'), false)];
      let nextUid = 100;
      for (let step = 0; step < 40; step++) {
        const { count, uids } = box.columns;
        const uid = uids[random(Math.max(1, count))] ?? 0;
        const act = random(4);
        if (act === 0 || count === 0) box.add(nextUid++);
        else if (act === 1) box.expunge(uid);
        else if (act === 2) box.flag(uid, random(31));
        else {
          for (const line of told(view, random(2) === 0)) follow(client, line, box);
          assert.equal(view.count, client.length);
          client.forEach((known, index) => {
            const row = box.columns.rowOf(known);
            if (row >= 0) assert.equal(view.numberOf(row), index + 1);
          });
        }
        assert.equal(view.isCoherent, true);
      }
    }
  });
});

/** What a client does with an untagged line. */
function follow(client: number[], line: string, box: Box): void {
  const [number, word] = line.split(' ');
  if (word === 'EXPUNGE') client.splice(Number(number) - 1, 1);
  if (word === 'EXISTS') {
    const { uids, count } = box.columns;
    const missing = Number(number) - client.length;
    client.push(...uids.subarray(count - missing, count));
  }
}
