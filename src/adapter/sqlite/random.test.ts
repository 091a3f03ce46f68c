/** SQLite against the reference: thousands of random commands must have the same answers and leave the same account. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command, UidSet } from '../../core/command.ts';
import { type BlobId, type EmailId, IdMaker, type JourneyId, type MailboxId, type UploadId } from '../../core/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import { addEmail, addUpload, createMailbox, newPerson, type Person, snapshot } from '../../core/ports/store.contract.ts';
import { isRefusal } from '../../core/refusal.ts';
import { seededDice } from '../memory/dice.ts';
import { memoryStore } from '../memory/store.ts';
import { openSqliteStore } from './client.ts';

const BATCHES = 400;
const SEED = 'random commands 1';
const dice = seededDice(SEED);
const ids = new IdMaker(() => 1_600_000_000_000);
const upTo = (count: number): number => Buffer.from(dice.bytes(4)).readUInt32BE() % count;
const oneOf = <Value>(list: readonly Value[]): Value => list[upTo(list.length)] as Value;

/** What the commands may name: some of it gone, some of it never there. */
type Scene = { mailboxes: MailboxId[]; blobs: BlobId[]; uploads: UploadId[]; modseq: number };

function uids(): UidSet {
  const from = 1 + upTo(60);
  return upTo(3) === 0
    ? [[from, from]]
    : [
        [1 + upTo(5), 5 + upTo(3)],
        [from + 10, from + 10 + upTo(40)],
      ];
}

const KEYWORDS = ['a', '$b', 'Junk'];
const someKeywords = (): string[] => KEYWORDS.filter(() => upTo(3) === 0);

function command(scene: Scene): Command {
  const mailbox = oneOf(scene.mailboxes);
  const kinds: (() => Command)[] = [
    () => add(scene, mailbox),
    () => add(scene, mailbox),
    () => add(scene, mailbox),
    () => ({
      do: 'setFlags',
      mailbox,
      uids: uids(),
      add: upTo(32),
      addKeywords: someKeywords(),
      remove: upTo(32),
      removeKeywords: someKeywords(),
      replace: upTo(4) === 0,
      unchangedSince: upTo(3) === 0 ? Math.max(0, scene.modseq - upTo(5)) : null,
    }),
    () => ({ do: oneOf(['copy', 'move'] as const), from: mailbox, uids: uids(), to: oneOf(scene.mailboxes) }),
    () => ({ do: 'expunge', mailbox, uids: uids(), onlyDeleted: upTo(2) === 0 }),
    () => create(scene, mailbox),
    () => ({ do: 'updateMailbox', mailbox, ...(upTo(2) === 0 ? { place: place(scene) } : { subscribed: upTo(2) === 0 }) }),
    () => (upTo(5) === 0 ? { do: 'deleteMailbox', mailbox } : add(scene, mailbox)),
    () => {
      const upload = ids.next<UploadId>();
      const made = addUpload({ upload, size: upTo(60_000_000), meta: dice.bytes(5), at: upTo(99) });
      scene.uploads.push(upload);
      scene.blobs.push(made.body.blob);
      return made;
    },
    () => ({ do: 'dropUpload', upload: oneOf(scene.uploads) }),
    () => ({ do: 'putObject', object: 'script', id: upTo(4), value: upTo(2) === 0 ? null : dice.bytes(9) }),
  ];
  return oneOf(kinds)();
}

function add(scene: Scene, mailbox: MailboxId): Command {
  const made = addEmail(mailbox, {
    email: ids.next<EmailId>(),
    blob: ids.next<BlobId>(),
    size: upTo(900),
    flags: upTo(32),
    keywords: someKeywords(),
  });
  scene.blobs.push(made.body.blob);
  const into = upTo(4) === 0 ? [...made.into, { mailbox: oneOf(scene.mailboxes), flags: 1, keywords: [] }] : made.into;
  return upTo(4) === 0 ? { ...made, into, body: { kind: 'stored', blob: oneOf(scene.blobs.slice(-8)) } } : { ...made, into };
}

function create(scene: Scene, parent: MailboxId): Command {
  const mailbox = ids.next<MailboxId>();
  scene.mailboxes.push(mailbox);
  return createMailbox(mailbox, `name ${upTo(12)}`, upTo(2) === 0 ? parent : null);
}

function place(scene: Scene): Readonly<{ parent: MailboxId | null; nameKey: Uint8Array; name: Uint8Array }> {
  const name = Buffer.from(`name ${upTo(12)}`);
  return { parent: upTo(2) === 0 ? oneOf(scene.mailboxes) : null, nameKey: Buffer.from(`key of ${name}`), name };
}

/** The same person in two stores. */
async function inBoth(stores: readonly Store[]): Promise<{ people: Person[]; quota: number }> {
  const quota = 250_000;
  const [reference] = stores as [Store];
  const person = await newPerson(reference, quota);
  const batch = [createMailbox(person.inbox, 'inbox'), createMailbox(person.other, 'other')];
  const open = { do: 'openAccount', account: person.id, organisation: person.organisation, quota, batch } as const;
  for (const store of stores.slice(1)) assert.equal(await store.directory.write([open]), undefined);
  return { people: stores.map((store) => ({ ...person, handle: store.account(person.id) })), quota };
}

test('SQLite and memory agree on random commands', async (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'eigenpost-random-'));
  const sqlite = await openSqliteStore({ dir, thread: new URL('../../app/storage-thread.ts', import.meta.url) });
  context.after(async () => {
    await sqlite.close();
    rmSync(dir, { recursive: true });
  });
  const { people } = await inBoth([memoryStore(), sqlite]);
  const [mine, theirs] = people as [Person, Person];
  const scene: Scene = { mailboxes: [mine.inbox, mine.other, 99 as MailboxId], blobs: [], uploads: [7 as UploadId], modseq: 1 };
  let done = 0;
  for (let turn = 0; turn < BATCHES; turn++) {
    const batch = Array.from({ length: 1 + upTo(5) }, () => command(scene));
    const answers = await Promise.all(people.map(({ handle }) => handle.apply(batch)));
    assert.deepEqual(answers[1], answers[0], `${SEED}: batch ${turn}`);
    if (!isRefusal(answers[0])) done++;
    scene.modseq = (await mine.handle.read({ ask: 'account' })).modseq;
    scene.mailboxes = (await mine.handle.read({ ask: 'mailboxes' })).map(({ mailbox }) => mailbox);
    if (upTo(5) === 0) scene.mailboxes.push(ids.next<MailboxId>());
    if (turn % 40 !== 0) continue;
    assert.deepEqual(await snapshot(theirs), await snapshot(mine), `${SEED}: after batch ${turn}`);
  }
  assert.deepEqual(await snapshot(theirs), await snapshot(mine));
  assert.ok(done > BATCHES / 3, `only ${done} batches were not refused`);
  let found = 0;
  for (const upload of scene.uploads) {
    const rows = await Promise.all(people.map(({ handle }) => handle.read({ ask: 'upload', upload })));
    assert.deepEqual(rows[1]?.meta.toString(), rows[0]?.meta.toString());
    assert.deepEqual({ ...rows[1], meta: 0 }, { ...rows[0], meta: 0 });
    if (rows[0] !== undefined) found++;
  }
  assert.ok(found > 0 && found < scene.uploads.length);
  const journeys = people.map(({ handle }) => handle.read({ ask: 'journey', journey: 'none' as JourneyId }));
  assert.deepEqual(await Promise.all(journeys), [[], []]);
  for (const since of [0, 1, 50, scene.modseq - 3]) {
    const [a, b] = await Promise.all(people.map(({ handle }) => handle.changes({ epoch: 1, modseq: since }, 37)));
    assert.deepEqual(b, a, `changes since ${since}`);
    const gone = people.map(({ handle }) => handle.read({ ask: 'vanished', mailbox: mine.inbox, since }));
    const [c, d] = await Promise.all(gone);
    assert.deepEqual(d, c);
  }
});
