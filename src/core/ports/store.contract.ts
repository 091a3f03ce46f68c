/**
 * What every store promises, as tests: run by each adapter's own test file
 * with `storeContract(name, open)`. One store serves the whole suite; every
 * test opens accounts of its own, as a server would.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Change } from '../change.ts';
import type { Command, CommandResult, QueuedMessage, StepRow } from '../command.ts';
import { Fault } from '../fault.ts';
import {
  type AccountId,
  type BlobId,
  type EmailId,
  IdMaker,
  JOURNEY_RANDOM_BYTES,
  type JourneyId,
  journeyId,
  type MailboxId,
  type OrganisationId,
  SERVER_OWNER,
} from '../ids.ts';
import type { OwnerId, QueueId, QueueItemId, ThreadId, Uid, UploadId } from '../ids.ts';
import { FLAG } from '../mailbox.ts';
import { isRefusal, type Refusal } from '../refusal.ts';
import type { AccountHandle, Applied, DirectoryChange, QueueItem, Store } from './store.ts';
import { JOURNEYS_AT_ONCE, UPLOAD_KEPT_MS, UPLOAD_LEAST_BYTES, UPLOADS_BYTES } from './store.ts';

/** Where a test may break the machinery: before the commit (nothing kept), after it (kept, but not known), or with a full disk. */
export type BreakPoint = 'beforeCommit' | 'afterCommit' | 'full';

export type Fixture = {
  store: Store;
  /** The next commit fails there, once. */
  breakNext(point: BreakPoint): void;
  /** Closes the store and opens it again; absent where nothing is kept. */
  reopen?(): Promise<Store>;
  end(): Promise<void>;
};

const ids = new IdMaker(Date.now);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (sealed: Uint8Array | undefined): string | undefined => (sealed === undefined ? undefined : new TextDecoder().decode(sealed));
const ALL = [[1, 4_294_967_295]] as const;
const DAY = 86_400_000;

let journeys = 0;
export const newJourney = (at = Date.now()): JourneyId =>
  journeyId(at, Buffer.from(String(++journeys).padStart(JOURNEY_RANDOM_BYTES, '0')));

export const step = (owner: OwnerId, journey: JourneyId, words = 'step'): StepRow => ({
  owner,
  journey,
  seq: ids.next(),
  at: Date.now(),
  sealed: bytes(words),
});

export function createMailbox(mailbox: MailboxId, name: string, parent: MailboxId | null = null): Command {
  const nameKey = bytes(`key of ${name}`);
  return { do: 'createMailbox', mailbox, parent, nameKey, name: bytes(name), role: null, subscribed: true, uidValidity: 77 };
}

type Mail = Readonly<{ flags?: number; keywords?: readonly string[]; body?: string; size?: number; email?: EmailId; blob?: BlobId }>;

export function addEmail(mailbox: MailboxId, mail: Mail = {}): Extract<Command, { do: 'addEmail' }> {
  const { flags = 0, keywords = [], body = 'sealed body', size = 100, email = ids.next<EmailId>(), blob = ids.next<BlobId>() } = mail;
  return {
    do: 'addEmail',
    email,
    thread: email as number as ThreadId,
    body: { kind: 'inline', blob, sealed: [bytes(body)] },
    size,
    receivedAt: 1_700_000_000_000,
    meta: bytes(`meta of ${email}`),
    into: [{ mailbox, flags, keywords }],
  };
}

export type Person = Readonly<{ id: AccountId; organisation: OrganisationId; handle: AccountHandle; inbox: MailboxId; other: MailboxId }>;

/** Opens an account with two mailboxes. */
export async function newPerson(store: Store, quota = 0): Promise<Person> {
  const [id, organisation] = [ids.next<AccountId>(), ids.next<OrganisationId>()];
  const [inbox, other] = [ids.next<MailboxId>(), ids.next<MailboxId>()];
  const batch = [createMailbox(inbox, 'inbox'), createMailbox(other, 'other')];
  assert.equal(await store.directory.write([{ do: 'openAccount', account: id, organisation, quota, batch }]), undefined);
  return { id, organisation, handle: store.account(id), inbox, other };
}

export function applied(answer: Applied | Refusal): Applied {
  assert.ok(!isRefusal(answer), `refused: ${JSON.stringify(answer)}`);
  return answer;
}

/** The kind of result whose `did` may be this. */
type ResultOf<Did> = CommandResult extends infer Result
  ? Result extends Readonly<{ did: infer Theirs }>
    ? Did extends Theirs
      ? Result
      : never
    : never
  : never;

const did = async <Did extends CommandResult['did']>(person: Person, command: Command, _did: Did): Promise<ResultOf<Did>> => {
  const { results } = applied(await person.handle.apply([command]));
  return results[0] as ResultOf<Did>;
};

async function fill(person: Person, count: number, mail: Mail = {}): Promise<EmailId[]> {
  const commands = Array.from({ length: count }, () => addEmail(person.inbox, mail));
  applied(await person.handle.apply(commands));
  return commands.map(({ email }) => email);
}

async function refusal(answer: Promise<unknown>): Promise<string> {
  const value = await answer;
  assert.ok(isRefusal(value), `not refused: ${JSON.stringify(value)}`);
  return value.refusal;
}

async function uids(person: Person, mailbox: MailboxId): Promise<number[]> {
  return [...(await person.handle.read({ ask: 'entries', mailbox })).uids];
}

async function totals(person: Person, mailbox: MailboxId): Promise<Record<string, number>> {
  const row = (await person.handle.read({ ask: 'mailboxes' })).find((other) => other.mailbox === mailbox);
  assert.ok(row !== undefined);
  const { uidNext, total, unseen, deleted, size } = row;
  return { uidNext, total, unseen, deleted, size };
}

/** Everything of an account that can be read, for comparing before and after. */
export async function snapshot(person: Person): Promise<unknown> {
  const mailboxes = await person.handle.read({ ask: 'mailboxes' });
  const entries = [];
  for (const { mailbox } of mailboxes) entries.push(await person.handle.read({ ask: 'entries', mailbox }));
  const emails = [...new Set(entries.flatMap((columns) => [...columns.emails]))].sort((a, b) => a - b) as EmailId[];
  return {
    account: await person.handle.read({ ask: 'account' }),
    mailboxes,
    entries,
    emails: await person.handle.read({ ask: 'emails', emails: emails.slice(0, 1000) }),
    scripts: await person.handle.read({ ask: 'objects', object: 'script' }),
    journeys: await person.handle.read({ ask: 'journeys', limit: 100 }),
  };
}

export function queued(owner: OwnerId, recipients = 1, more: Partial<QueuedMessage> = {}): QueuedMessage {
  const recipient = (): QueuedMessage['recipients'][number] => ({
    item: ids.next<QueueItemId>(),
    lane: 7,
    dueAt: 1000,
    held: false,
    sealed: bytes('to'),
  });
  return {
    queue: ids.next<QueueId>(),
    owner,
    body: { kind: 'inline', blob: ids.next<BlobId>(), sealed: [bytes('queued body')] },
    size: 500,
    acceptedAt: 900,
    expiresAt: 9_000_000,
    sealed: bytes('envelope'),
    recipients: Array.from({ length: recipients }, recipient),
    ...more,
  };
}

const claimAsk = { worker: 'w', now: 2000, leaseMs: 100, max: 10, except: [] };
const outcome =
  (wanted: Fault['outcome']) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.outcome === wanted;

export function storeContract(name: string, open: () => Promise<Fixture>): void {
  describe(`store contract: ${name}`, () => {
    let fixture: Fixture;
    before(async () => {
      fixture = await open();
    });
    after(() => fixture.end());
    const at = (): Store => fixture.store;
    accountTests(at);
    emailTests(at);
    flagTests(at);
    moveTests(at);
    mailboxTests(at);
    objectTests(at);
    changeTests(at);
    effectTests(at);
    isolationTests(at);
    togetherTests(at);
    journeyTests(at);
    bodyTests(at);
    uploadTests(at);
    queueTests(at);
    directoryTests(at);
    tidyTests(at);
    faultTests(() => fixture);
    crowdTests(at);
    reopenTests(() => fixture);
  });
}

function accountTests(at: () => Store): void {
  test('an account is born empty and refuses to be opened twice', async () => {
    const person = await newPerson(at(), 5000);
    const row = await person.handle.read({ ask: 'account' });
    assert.deepEqual({ ...row }, { epoch: 1, modseq: 1, used: 0, quota: 5000 });
    const { id, organisation } = person;
    assert.equal(await refusal(at().directory.write([{ do: 'openAccount', account: id, organisation, quota: 0, batch: [] }])), 'nameTaken');
  });

  test('an account that was never opened, or was closed, takes nothing and shows nothing', async () => {
    const stranger = at().account(ids.next<AccountId>());
    assert.equal(await refusal(stranger.apply([])), 'accountClosed');
    assert.deepEqual(await stranger.read({ ask: 'mailboxes' }), []);
    const person = await newPerson(at());
    const [email] = await fill(person, 2);
    await at().queue.accept(queued(person.id), []);
    assert.equal(await at().directory.write([{ do: 'closeAccount', account: person.id }]), undefined);
    assert.equal(await refusal(person.handle.apply([addEmail(person.inbox)])), 'accountClosed');
    assert.deepEqual(await person.handle.read({ ask: 'mailboxes' }), []);
    assert.deepEqual(await uids(person, person.inbox), []);
    assert.deepEqual(await person.handle.read({ ask: 'emails', emails: [email as EmailId] }), []);
    assert.equal(await person.handle.readBody(email as EmailId, 0, 10), undefined);
    assert.deepEqual(await at().queue.list({ owner: person.id, limit: 10 }), []);
    assert.equal(await refusal(at().directory.write([{ do: 'closeAccount', account: person.id }])), 'notFound');
    await at().tidy({ now: Date.now(), journeysBefore: () => 0 });
    assert.deepEqual(await person.handle.read({ ask: 'mailboxes' }), []);
  });

  test('the quota is kept, and can be changed', async () => {
    const person = await newPerson(at(), 250);
    await fill(person, 2);
    const before = await snapshot(person);
    assert.equal(await refusal(person.handle.apply([addEmail(person.inbox)])), 'overQuota');
    assert.equal(await refusal(person.handle.apply([addEmail(person.inbox, { size: 10 }), addEmail(person.inbox)])), 'overQuota');
    assert.deepEqual(await snapshot(person), before);
    assert.equal(await at().directory.write([{ do: 'setQuota', account: person.id, quota: 1000 }]), undefined);
    await fill(person, 3);
    assert.equal((await person.handle.read({ ask: 'account' })).used, 500);
    assert.equal(await refusal(at().directory.write([{ do: 'setQuota', account: ids.next<AccountId>(), quota: 1 }])), 'notFound');
  });

  test('ifModseq refuses once the account has moved on', async () => {
    const person = await newPerson(at());
    const { modseq } = await person.handle.read({ ask: 'account' });
    const first = applied(await person.handle.apply([addEmail(person.inbox)], { ifModseq: modseq }));
    assert.equal(first.modseq, modseq + 1);
    assert.equal(await refusal(person.handle.apply([addEmail(person.inbox)], { ifModseq: modseq })), 'notAllowed');
    applied(await person.handle.apply([addEmail(person.inbox)], { ifModseq: first.modseq }));
  });

  test('what changes nothing takes no modseq', async () => {
    const person = await newPerson(at());
    const { modseq } = await person.handle.read({ ask: 'account' });
    assert.equal(applied(await person.handle.apply([])).modseq, modseq);
    const nothing = await person.handle.apply([
      { do: 'expunge', mailbox: person.inbox, uids: ALL, onlyDeleted: false },
      { do: 'putObject', object: 'script', id: 1, value: null },
      { do: 'step', row: step(person.id, newJourney()) },
    ]);
    assert.equal(applied(nothing).modseq, modseq);
  });
}

function emailTests(at: () => Store): void {
  test('an added email is placed, counted and found', async () => {
    const person = await newPerson(at());
    const command = addEmail(person.inbox, { flags: FLAG.flagged, keywords: ['$a', 'b', '$a'], size: 42 });
    const two = { ...command, into: [...command.into, { mailbox: person.other, flags: FLAG.seen | FLAG.deleted, keywords: [] }] };
    const { placed } = await did(person, two, 'addEmail');
    assert.deepEqual(placed, [
      { mailbox: person.inbox, uid: 1, uidValidity: 77 },
      { mailbox: person.other, uid: 1, uidValidity: 77 },
    ]);
    const columns = await person.handle.read({ ask: 'entries', mailbox: person.inbox });
    assert.deepEqual([[...columns.uids], [...columns.flags], [...columns.emails]], [[1], [FLAG.flagged], [command.email]]);
    assert.deepEqual([...columns.keywords], [[0, ['$a', 'b']]]);
    assert.deepEqual(await totals(person, person.inbox), { uidNext: 2, total: 1, unseen: 1, deleted: 0, size: 42 });
    assert.deepEqual(await totals(person, person.other), { uidNext: 2, total: 1, unseen: 0, deleted: 1, size: 42 });
    assert.equal((await person.handle.read({ ask: 'account' })).used, 42);
    const [row] = await person.handle.read({ ask: 'emails', emails: [command.email] });
    assert.ok(row !== undefined);
    assert.deepEqual([row.email, row.thread, row.size, row.receivedAt], [command.email, command.thread, 42, command.receivedAt]);
    assert.equal(text(row.meta), `meta of ${command.email}`);
    const places = await person.handle.read({ ask: 'placesOf', email: command.email });
    assert.deepEqual(
      places.map(({ mailbox, uid, flags, keywords }) => [mailbox, uid, flags, keywords]),
      [
        [person.inbox, 1, FLAG.flagged, ['$a', 'b']],
        [person.other, 1, FLAG.seen | FLAG.deleted, []],
      ],
    );
    assert.equal(text(await person.handle.readBody(command.email, 0, 100)), 'sealed body');
    assert.equal(text(await person.handle.readBody(command.email, 2, 6)), 'aled');
  });

  test('emails come in the order asked, facts likewise, and unknown ids are left out', async () => {
    const person = await newPerson(at());
    const [a, b, c] = (await fill(person, 3)) as [EmailId, EmailId, EmailId];
    const asked = [c, ids.next<EmailId>(), a, b];
    const rows = await person.handle.read({ ask: 'emails', emails: asked });
    assert.deepEqual(
      rows.map(({ email }) => email),
      [c, a, b],
    );
    const facts = await person.handle.read({ ask: 'emailFacts', emails: asked });
    assert.deepEqual([...facts.emails], [c, a, b]);
    assert.deepEqual([...facts.sizes], [100, 100, 100]);
    assert.deepEqual([...facts.threads], [c, a, b]);
    assert.deepEqual([...facts.receivedAt].map(Number), [1_700_000_000_000, 1_700_000_000_000, 1_700_000_000_000]);
    await assert.rejects(person.handle.read({ ask: 'emails', emails: Array.from({ length: 1001 }, () => a) }));
    const many = await person.handle.read({ ask: 'emailFacts', emails: Array.from({ length: 2500 }, () => b) });
    assert.equal(many.emails.length, 2500);
  });

  test('an email must be somewhere, in a mailbox of this account, with a body that is there', async () => {
    const person = await newPerson(at());
    assert.equal(await refusal(person.handle.apply([{ ...addEmail(person.inbox), into: [] }])), 'badValue');
    assert.equal(await refusal(person.handle.apply([addEmail(ids.next<MailboxId>())])), 'mailboxGone');
    const body = { kind: 'stored', blob: ids.next<BlobId>() } as const;
    assert.equal(await refusal(person.handle.apply([{ ...addEmail(person.inbox), body }])), 'notFound');
  });

  test('uids ascend and are never given twice', async () => {
    const person = await newPerson(at());
    await fill(person, 3);
    await did(person, { do: 'expunge', mailbox: person.inbox, uids: [[3, 3]], onlyDeleted: false }, 'expunge');
    const { placed } = await did(person, addEmail(person.inbox), 'addEmail');
    assert.equal(placed[0]?.uid, 4);
    assert.deepEqual(await uids(person, person.inbox), [1, 2, 4]);
  });
}

const setFlags = (mailbox: MailboxId, more: Partial<Extract<Command, { do: 'setFlags' }>>): Command => ({
  do: 'setFlags',
  mailbox,
  uids: ALL,
  add: 0,
  addKeywords: [],
  remove: 0,
  removeKeywords: [],
  replace: false,
  unchangedSince: null,
  ...more,
});

function flagTests(at: () => Store): void {
  test('flags are added, removed and replaced, and the totals follow', async () => {
    const person = await newPerson(at());
    await fill(person, 5, { keywords: ['k'] });
    const add = setFlags(person.inbox, {
      uids: [
        [2, 3],
        [5, 5],
      ],
      add: FLAG.seen | FLAG.deleted,
      addKeywords: ['x'],
    });
    const { changed, modified } = await did(person, add, 'setFlags');
    assert.deepEqual(
      changed.map(({ uid, flags, keywords }) => [uid, flags, keywords]),
      [2, 3, 5].map((uid) => [uid, 9, ['k', 'x']]),
    );
    assert.deepEqual(modified, []);
    assert.deepEqual(await totals(person, person.inbox), { uidNext: 6, total: 5, unseen: 2, deleted: 3, size: 500 });
    const again = await did(person, add, 'setFlags');
    assert.deepEqual(again.changed, []);
    const off = await did(person, setFlags(person.inbox, { uids: [[1, 2]], remove: FLAG.seen, removeKeywords: ['k'] }), 'setFlags');
    assert.deepEqual(
      off.changed.map(({ uid, flags, keywords }) => [uid, flags, keywords]),
      [
        [1, 0, []],
        [2, 8, ['x']],
      ],
    );
    const set = setFlags(person.inbox, { uids: [[5, 9]], add: FLAG.answered, addKeywords: ['only'], replace: true });
    const replaced = await did(person, set, 'setFlags');
    assert.deepEqual(
      replaced.changed.map(({ uid, flags, keywords }) => [uid, flags, keywords]),
      [[5, 2, ['only']]],
    );
    assert.deepEqual(await totals(person, person.inbox), { uidNext: 6, total: 5, unseen: 4, deleted: 2, size: 500 });
    const columns = await person.handle.read({ ask: 'entries', mailbox: person.inbox });
    assert.deepEqual([...columns.flags], [0, 8, 9, 0, 2]);
    assert.deepEqual(
      [...columns.keywords],
      [
        [1, ['x']],
        [2, ['k', 'x']],
        [3, ['k']],
        [4, ['only']],
      ],
    );
  });

  test('unchangedSince holds back what has changed since', async () => {
    const person = await newPerson(at());
    await fill(person, 3);
    const { modseq } = await person.handle.read({ ask: 'account' });
    await did(person, setFlags(person.inbox, { uids: [[2, 2]], add: FLAG.seen }), 'setFlags');
    const late = await did(person, setFlags(person.inbox, { add: FLAG.flagged, unchangedSince: modseq }), 'setFlags');
    assert.deepEqual(
      late.changed.map(({ uid }) => uid),
      [1, 3],
    );
    assert.deepEqual(late.modified, [2]);
    const since = await person.handle.read({ ask: 'entries', mailbox: person.inbox, since: modseq + 1 });
    assert.deepEqual([...since.uids], [1, 3]);
    assert.equal(await refusal(person.handle.apply([setFlags(ids.next<MailboxId>(), {})])), 'mailboxGone');
  });
}

function moveTests(at: () => Store): void {
  test('copy puts the same email elsewhere; it lives until its last place is gone', async () => {
    const person = await newPerson(at());
    const [email] = (await fill(person, 3, { flags: FLAG.seen, keywords: ['k'] })) as [EmailId];
    const copy: Command = { do: 'copy', from: person.inbox, uids: [[1, 2]], to: person.other };
    const { uidValidity, from, to } = await did(person, copy, 'copy');
    assert.deepEqual([uidValidity, from, to], [77, [1, 2], [1, 2]]);
    const twice = await did(person, { do: 'copy', from: person.inbox, uids: [[1, 1]], to: person.inbox }, 'copy');
    assert.deepEqual(twice.to, [4]);
    assert.equal((await person.handle.read({ ask: 'placesOf', email })).length, 3);
    assert.equal((await person.handle.read({ ask: 'account' })).used, 300);
    assert.deepEqual(await totals(person, person.other), { uidNext: 3, total: 2, unseen: 0, deleted: 0, size: 200 });
    const columns = await person.handle.read({ ask: 'entries', mailbox: person.other });
    assert.deepEqual([[...columns.flags], columns.keywords.get(0)], [[1, 1], ['k']]);
    await did(person, { do: 'expunge', mailbox: person.inbox, uids: ALL, onlyDeleted: false }, 'expunge');
    assert.equal((await person.handle.read({ ask: 'account' })).used, 200);
    assert.equal(text(await person.handle.readBody(email, 0, 6)), 'sealed');
    await did(person, { do: 'expunge', mailbox: person.other, uids: ALL, onlyDeleted: false }, 'expunge');
    assert.equal((await person.handle.read({ ask: 'account' })).used, 0);
    assert.equal(await person.handle.readBody(email, 0, 6), undefined);
    assert.deepEqual(await person.handle.read({ ask: 'emails', emails: [email] }), []);
  });

  test('move takes away here and adds there, in one modseq', async () => {
    const person = await newPerson(at());
    const [email] = (await fill(person, 4)) as [EmailId];
    const { modseq } = await person.handle.read({ ask: 'account' });
    const move = applied(
      await person.handle.apply([
        {
          do: 'move',
          from: person.inbox,
          uids: [
            [1, 1],
            [3, 20],
          ],
          to: person.other,
        },
      ]),
    );
    assert.equal(move.modseq, modseq + 1);
    assert.deepEqual(move.results[0], { did: 'move', uidValidity: 77, from: [1, 3, 4], to: [1, 2, 3] });
    assert.deepEqual(await uids(person, person.inbox), [2]);
    assert.deepEqual(await uids(person, person.other), [1, 2, 3]);
    assert.equal(text(await person.handle.readBody(email, 0, 6)), 'sealed');
    const gone = await person.handle.read({ ask: 'vanished', mailbox: person.inbox, since: modseq });
    assert.deepEqual({ ...gone }, { uids: [1, 3, 4], complete: true });
    const same = await did(person, { do: 'move', from: person.inbox, uids: ALL, to: person.inbox }, 'move');
    assert.deepEqual([same.from, same.to], [[2], [5]]);
    assert.deepEqual(await totals(person, person.inbox), { uidNext: 6, total: 1, unseen: 1, deleted: 0, size: 100 });
    assert.equal(
      await refusal(person.handle.apply([{ do: 'copy', from: person.inbox, uids: ALL, to: ids.next<MailboxId>() }])),
      'mailboxGone',
    );
    assert.equal(
      await refusal(person.handle.apply([{ do: 'move', from: ids.next<MailboxId>(), uids: ALL, to: person.inbox }])),
      'mailboxGone',
    );
  });

  test('expunge with onlyDeleted takes those alone', async () => {
    const person = await newPerson(at());
    await fill(person, 4);
    await did(person, setFlags(person.inbox, { uids: [[2, 3]], add: FLAG.deleted }), 'setFlags');
    const { modseq } = await person.handle.read({ ask: 'account' });
    const some = await did(person, { do: 'expunge', mailbox: person.inbox, uids: [[3, 4]], onlyDeleted: true }, 'expunge');
    assert.deepEqual(some.uids, [3]);
    const rest = await did(person, { do: 'expunge', mailbox: person.inbox, uids: ALL, onlyDeleted: true }, 'expunge');
    assert.deepEqual(rest.uids, [2]);
    assert.deepEqual(await totals(person, person.inbox), { uidNext: 5, total: 2, unseen: 2, deleted: 0, size: 200 });
    const first = await person.handle.read({ ask: 'vanished', mailbox: person.inbox, since: modseq });
    assert.deepEqual(first.uids, [2, 3]);
    const second = await person.handle.read({ ask: 'vanished', mailbox: person.inbox, since: modseq + 1 });
    assert.deepEqual(second.uids, [2]);
    assert.deepEqual((await person.handle.read({ ask: 'vanished', mailbox: person.other, since: modseq })).uids, []);
    const gone: Command = { do: 'expunge', mailbox: ids.next<MailboxId>(), uids: ALL, onlyDeleted: false };
    assert.equal(await refusal(person.handle.apply([gone])), 'mailboxGone');
  });
}

function mailboxTests(at: () => Store): void {
  test('mailboxes are created, renamed, moved and found by (parent, name)', async () => {
    const person = await newPerson(at());
    const [child, leaf] = [ids.next<MailboxId>(), ids.next<MailboxId>()];
    applied(await person.handle.apply([createMailbox(child, 'inbox', person.other), createMailbox(leaf, 'leaf', child)]));
    const create = (parent: MailboxId | null, word: string): Command => createMailbox(ids.next<MailboxId>(), word, parent);
    assert.equal(await refusal(person.handle.apply([create(null, 'inbox')])), 'mailboxExists');
    assert.equal(await refusal(person.handle.apply([create(child, 'leaf')])), 'mailboxExists');
    assert.equal(await refusal(person.handle.apply([createMailbox(leaf, 'same id')])), 'mailboxExists');
    assert.equal(await refusal(person.handle.apply([create(ids.next<MailboxId>(), 'x')])), 'mailboxGone');
    const place = (parent: MailboxId | null, word: string) => ({ parent, nameKey: bytes(`key of ${word}`), name: bytes(word) });
    const update = (mailbox: MailboxId, to: ReturnType<typeof place>) => person.handle.apply([{ do: 'updateMailbox', mailbox, place: to }]);
    assert.equal(await refusal(update(leaf, place(null, 'inbox'))), 'mailboxExists');
    assert.equal(await refusal(update(person.other, place(leaf, 'loop'))), 'notAllowed');
    assert.equal(await refusal(update(leaf, place(leaf, 'self'))), 'notAllowed');
    assert.equal(await refusal(update(leaf, place(ids.next<MailboxId>(), 'x'))), 'mailboxGone');
    assert.equal(await refusal(update(ids.next<MailboxId>(), place(null, 'x'))), 'mailboxGone');
    applied(await update(leaf, place(null, 'top')));
    applied(await person.handle.apply([{ do: 'updateMailbox', mailbox: leaf, role: 'archive', subscribed: false }]));
    const row = (await person.handle.read({ ask: 'mailboxes' })).find(({ mailbox }) => mailbox === leaf);
    assert.deepEqual([row?.parent, text(row?.name), row?.role, row?.subscribed, row?.uidValidity], [null, 'top', 'archive', false, 77]);
    assert.equal(text(row?.nameKey), 'key of top');
    applied(await person.handle.apply([create(child, 'leaf')]));
  });

  test('deleting a mailbox destroys what lived only there', async () => {
    const person = await newPerson(at());
    const [kept, lost] = (await fill(person, 2)) as [EmailId, EmailId];
    const child = ids.next<MailboxId>();
    applied(
      await person.handle.apply([
        { do: 'copy', from: person.inbox, uids: [[1, 1]], to: person.other },
        createMailbox(child, 'c', person.inbox),
      ]),
    );
    assert.equal(await refusal(person.handle.apply([{ do: 'deleteMailbox', mailbox: person.inbox }])), 'mailboxHasChildren');
    applied(
      await person.handle.apply([
        { do: 'deleteMailbox', mailbox: child },
        { do: 'deleteMailbox', mailbox: person.inbox },
      ]),
    );
    assert.equal(await refusal(person.handle.apply([{ do: 'deleteMailbox', mailbox: person.inbox }])), 'mailboxGone');
    assert.deepEqual(
      (await person.handle.read({ ask: 'mailboxes' })).map(({ mailbox }) => mailbox),
      [person.other],
    );
    assert.deepEqual(
      (await person.handle.read({ ask: 'emails', emails: [kept, lost] })).map(({ email }) => email),
      [kept],
    );
    assert.deepEqual(await uids(person, person.inbox), []);
    assert.equal((await person.handle.read({ ask: 'account' })).used, 100);
    assert.equal(await person.handle.readBody(lost, 0, 1), undefined);
  });

  test('a mailbox made and filled in one batch, and one removed and made again under its name', async () => {
    const person = await newPerson(at());
    const [made, again] = [ids.next<MailboxId>(), ids.next<MailboxId>()];
    applied(await person.handle.apply([createMailbox(made, 'made'), addEmail(made), addEmail(made)]));
    assert.deepEqual(await uids(person, made), [1, 2]);
    applied(await person.handle.apply([{ do: 'deleteMailbox', mailbox: made }, createMailbox(again, 'made'), addEmail(again)]));
    assert.deepEqual(await uids(person, again), [1]);
  });
}

function objectTests(at: () => Store): void {
  test('objects are put, replaced, listed by kind and removed', async () => {
    const person = await newPerson(at());
    const put = (id: number, value: string | null): Command => ({
      do: 'putObject',
      object: 'script',
      id,
      value: value === null ? null : bytes(value),
    });
    applied(await person.handle.apply([put(2, 'two'), put(1, 'one'), { do: 'putObject', object: 'identity', id: 1, value: bytes('me') }]));
    applied(await person.handle.apply([put(2, 'zwei')]));
    const rows = await person.handle.read({ ask: 'objects', object: 'script' });
    assert.deepEqual(
      rows.map(({ id, value }) => [id, text(value)]),
      [
        [1, 'one'],
        [2, 'zwei'],
      ],
    );
    applied(await person.handle.apply([put(1, null)]));
    assert.deepEqual(
      (await person.handle.read({ ask: 'objects', object: 'script' })).map(({ id }) => id),
      [2],
    );
    assert.equal((await person.handle.read({ ask: 'objects', object: 'identity' })).length, 1);
  });
}

/** What the batches tell, each one commit; the log must tell the same. */
async function told(store: Store, person: Person, batches: readonly (readonly Command[])[]): Promise<Change[]> {
  const heard: Change[] = [];
  const { epoch, modseq } = await person.handle.read({ ask: 'account' });
  const stop = store.onChange((changes) =>
    heard.push(...changes.filter((change) => change.kind !== 'journey' && change.account === person.id)),
  );
  for (const batch of batches) applied(await person.handle.apply(batch));
  stop();
  const logged = await person.handle.changes({ epoch, modseq }, 1000);
  assert.deepEqual([logged.items, logged.complete], [heard, true]);
  return heard;
}

function changeTests(at: () => Store): void {
  test('changes are told before the answer, in order, and can be asked for later', async () => {
    const person = await newPerson(at());
    const heard: Change[] = [];
    const stop = at().onChange((changes) =>
      heard.push(...changes.filter((change) => change.kind !== 'journey' && change.account === person.id)),
    );
    const start = await person.handle.read({ ask: 'account' });
    const add = addEmail(person.inbox, { keywords: ['k'] });
    applied(await person.handle.apply([add]));
    const modseq = start.modseq + 1;
    const common = { account: person.id, mailbox: person.inbox };
    const added = { kind: 'added', ...common, modseq, uid: 1, email: add.email, isNew: true, flags: 0, keywords: ['k'] };
    assert.deepEqual(heard, [added]);
    applied(
      await person.handle.apply([
        setFlags(person.inbox, { add: FLAG.seen }),
        { do: 'putObject', object: 'script', id: 9, value: bytes('s') },
      ]),
    );
    applied(await person.handle.apply([{ do: 'move', from: person.inbox, uids: ALL, to: person.other }]));
    applied(await person.handle.apply([{ do: 'deleteMailbox', mailbox: person.inbox }]));
    stop();
    applied(await person.handle.apply([{ do: 'updateMailbox', mailbox: person.other, subscribed: false }]));
    const all = [
      added,
      { kind: 'flags', ...common, modseq: modseq + 1, uid: 1, flags: 1, keywords: ['k'] },
      { kind: 'object', account: person.id, modseq: modseq + 1, object: 'script', id: 9 },
      { ...added, modseq: modseq + 2, mailbox: person.other, isNew: false, flags: 1 },
      { kind: 'expunged', ...common, modseq: modseq + 2, uids: [1], emails: [add.email] },
      { kind: 'mailbox', ...common, modseq: modseq + 3, what: 'deleted' },
    ];
    assert.deepEqual(heard, all);
    const since = { epoch: start.epoch, modseq: start.modseq };
    const later = await person.handle.changes(since, 100);
    assert.deepEqual(later.items, [
      ...all,
      { kind: 'mailbox', account: person.id, modseq: modseq + 4, mailbox: person.other, what: 'updated' },
    ]);
    assert.deepEqual([later.to, later.complete], [modseq + 4, true]);
    const part = await person.handle.changes(since, 2);
    assert.deepEqual([part.items, part.to, part.complete], [all.slice(0, 3), modseq + 1, true]);
    const rest = await person.handle.changes({ ...since, modseq: part.to }, 100);
    assert.equal(rest.items.length, later.items.length - 3);
    assert.deepEqual(await person.handle.changes({ ...since, modseq: modseq + 4 }, 5), { items: [], to: modseq + 4, complete: true });
    assert.equal((await person.handle.changes({ epoch: 2, modseq }, 5)).complete, false);
    assert.equal((await person.handle.changes({ epoch: 1, modseq: modseq + 5 }, 5)).complete, false);
  });

  test('an added entry tells whether its email is new', async () => {
    const person = await newPerson(at());
    const add = addEmail(person.inbox);
    const heard = await told(at(), person, [
      [{ ...add, into: [...add.into, { mailbox: person.other, flags: 0, keywords: [] }] }],
      [{ do: 'copy', from: person.inbox, uids: ALL, to: person.inbox }],
      [{ do: 'move', from: person.inbox, uids: [[1, 1]], to: person.other }],
      [addEmail(person.inbox), { do: 'copy', from: person.inbox, uids: [[3, 3]], to: person.other }],
    ]);
    const added = heard.flatMap((change) => (change.kind === 'added' ? [[change.mailbox === person.inbox, change.uid, change.isNew]] : []));
    assert.deepEqual(added, [
      [true, 1, true],
      [false, 1, true],
      [true, 2, false],
      [false, 2, false],
      [true, 3, true],
      [false, 3, false],
    ]);
    assert.ok(!heard.some(({ kind }) => kind === 'destroyed'));
  });

  test('an expunge tells the emails, and which of them are nowhere any more', async () => {
    const person = await newPerson(at());
    const own = ids.next<ThreadId>();
    const mails = Array.from({ length: 5 }, (_, row) => (row === 1 ? { ...addEmail(person.inbox), thread: own } : addEmail(person.inbox)));
    applied(await person.handle.apply(mails));
    const [a, b, c, d, e] = mails.map(({ email }) => email) as [EmailId, EmailId, EmailId, EmailId, EmailId];
    const expunge = (mailbox: MailboxId, from: number, to: number): Command => ({
      do: 'expunge',
      mailbox,
      uids: [[from, to]],
      onlyDeleted: false,
    });
    const heard = await told(at(), person, [
      [{ do: 'copy', from: person.inbox, uids: [[1, 1]], to: person.other }],
      // Twice in one mailbox: it goes with the second of its entries.
      [{ do: 'copy', from: person.inbox, uids: [[2, 2]], to: person.inbox }],
      [expunge(person.inbox, 1, 1)],
      [expunge(person.inbox, 2, 3), expunge(person.other, 1, 1)],
      [expunge(person.inbox, 4, 6)],
    ]);
    const gone = heard.filter(({ kind }) => kind !== 'added');
    const first = (gone[0] as Extract<Change, { kind: 'expunged' }>).modseq;
    const [here, there] = [
      { kind: 'expunged', account: person.id, mailbox: person.inbox },
      { kind: 'expunged', account: person.id, mailbox: person.other },
    ];
    const destroyed = { kind: 'destroyed', account: person.id };
    assert.deepEqual(gone, [
      { ...here, modseq: first, uids: [1], emails: [a] },
      { ...here, modseq: first + 1, uids: [2, 3], emails: [b, c] },
      { ...destroyed, modseq: first + 1, emails: [c], threads: [c] },
      { ...there, modseq: first + 1, uids: [1], emails: [a] },
      { ...destroyed, modseq: first + 1, emails: [a], threads: [a] },
      { ...here, modseq: first + 2, uids: [4, 5, 6], emails: [d, e, b] },
      { ...destroyed, modseq: first + 2, emails: [d, e, b], threads: [d, e, own] },
    ]);
  });

  test('a mailbox is emptied before it is deleted, and tells so', async () => {
    const person = await newPerson(at());
    const [kept, twice, last] = (await fill(person, 3)) as [EmailId, EmailId, EmailId];
    const heard = await told(at(), person, [
      [
        { do: 'copy', from: person.inbox, uids: [[1, 1]], to: person.other },
        { do: 'copy', from: person.inbox, uids: [[2, 2]], to: person.inbox },
      ],
      [{ do: 'deleteMailbox', mailbox: person.inbox }],
      // Nothing was in it any more: nothing but its end is told.
      [
        { do: 'expunge', mailbox: person.other, uids: ALL, onlyDeleted: false },
        { do: 'deleteMailbox', mailbox: person.other },
      ],
    ]);
    const gone = heard.filter(({ kind }) => kind !== 'added');
    const common = { account: person.id, modseq: (gone[0] as Extract<Change, { kind: 'expunged' }>).modseq };
    const [here, there] = [
      { ...common, mailbox: person.inbox },
      { ...common, mailbox: person.other, modseq: common.modseq + 1 },
    ];
    assert.deepEqual(gone, [
      { kind: 'expunged', ...here, uids: [1, 2, 3, 4], emails: [kept, twice, last, twice] },
      { kind: 'destroyed', ...common, emails: [last, twice], threads: [last, twice] },
      { kind: 'mailbox', ...here, what: 'deleted' },
      { kind: 'expunged', ...there, uids: [1], emails: [kept] },
      { kind: 'destroyed', account: person.id, modseq: there.modseq, emails: [kept], threads: [kept] },
      { kind: 'mailbox', ...there, what: 'deleted' },
    ]);
    assert.equal((await person.handle.read({ ask: 'account' })).used, 0);
  });

  test('the news of a refused batch is not told', async () => {
    const person = await newPerson(at());
    const heard: Change[] = [];
    const stop = at().onChange((changes) =>
      heard.push(...changes.filter((change) => change.kind !== 'journey' && change.account === person.id)),
    );
    const journey = newJourney();
    const bad: Command[] = [addEmail(person.inbox), { do: 'step', row: step(person.id, journey) }, addEmail(ids.next<MailboxId>())];
    assert.equal(await refusal(person.handle.apply(bad)), 'mailboxGone');
    stop();
    assert.deepEqual(heard, []);
    assert.deepEqual(await person.handle.read({ ask: 'journey', journey }), []);
  });

  test('modseqs of a mailbox and its entries follow the account', async () => {
    const person = await newPerson(at());
    await fill(person, 2);
    const flagged = applied(await person.handle.apply([setFlags(person.inbox, { uids: [[1, 1]], add: FLAG.seen })]));
    const columns = await person.handle.read({ ask: 'entries', mailbox: person.inbox });
    assert.deepEqual([...columns.modseqs], [flagged.modseq, flagged.modseq - 1]);
    const rows = await person.handle.read({ ask: 'mailboxes' });
    assert.equal(rows.find(({ mailbox }) => mailbox === person.inbox)?.highestModseq, flagged.modseq);
    assert.equal((await person.handle.read({ ask: 'account' })).modseq, flagged.modseq);
  });
}

function effectTests(at: () => Store): void {
  test('an effect is done once, and the first results come again', async () => {
    const person = await newPerson(at());
    const effectId = Buffer.alloc(16, 5);
    const command = addEmail(person.inbox);
    const first = applied(await person.handle.apply([command], { effectId }));
    await fill(person, 1);
    const second = applied(await person.handle.apply([addEmail(person.inbox)], { effectId }));
    assert.deepEqual(second, { ...first, firstTime: false });
    assert.deepEqual([first.firstTime, await uids(person, person.inbox)], [true, [1, 2]]);
    const other = await newPerson(at());
    assert.equal(applied(await other.handle.apply([addEmail(other.inbox)], { effectId })).firstTime, true);
    const bad = Buffer.alloc(16, 6);
    assert.equal(await refusal(person.handle.apply([addEmail(ids.next<MailboxId>())], { effectId: bad })), 'mailboxGone');
    assert.equal(applied(await person.handle.apply([addEmail(person.inbox)], { effectId: bad })).firstTime, true);
  });

  test('the same effect many times at once is done once', async () => {
    const person = await newPerson(at());
    const effectId = Buffer.alloc(16, 9);
    const answers = await Promise.all(Array.from({ length: 20 }, () => person.handle.apply([addEmail(person.inbox)], { effectId })));
    assert.equal(answers.map(applied).filter(({ firstTime }) => firstTime).length, 1);
    assert.deepEqual(await uids(person, person.inbox), [1]);
  });
}

function isolationTests(at: () => Store): void {
  test("another account's ids do not exist here", async () => {
    const [ann, bob] = [await newPerson(at()), await newPerson(at())];
    const [email] = (await fill(ann, 1)) as [EmailId];
    const journey = newJourney();
    applied(
      await ann.handle.apply([
        { do: 'step', row: step(ann.id, journey) },
        { do: 'putObject', object: 'script', id: 1, value: bytes('s') },
      ]),
    );
    const before = await snapshot(ann);
    assert.deepEqual(await bob.handle.read({ ask: 'emails', emails: [email] }), []);
    assert.equal((await bob.handle.read({ ask: 'emailFacts', emails: [email] })).emails.length, 0);
    assert.deepEqual(await bob.handle.read({ ask: 'placesOf', email }), []);
    assert.equal((await bob.handle.read({ ask: 'entries', mailbox: ann.inbox })).uids.length, 0);
    assert.deepEqual((await bob.handle.read({ ask: 'vanished', mailbox: ann.inbox, since: 0 })).uids, []);
    assert.deepEqual(await bob.handle.read({ ask: 'objects', object: 'script' }), []);
    assert.deepEqual(await bob.handle.read({ ask: 'journey', journey }), []);
    assert.equal(await bob.handle.readBody(email, 0, 5), undefined);
    const theirs: Command[] = [
      addEmail(ann.inbox),
      setFlags(ann.inbox, { add: 1 }),
      { do: 'copy', from: ann.inbox, uids: ALL, to: bob.inbox },
      { do: 'move', from: bob.inbox, uids: ALL, to: ann.inbox },
      { do: 'expunge', mailbox: ann.inbox, uids: ALL, onlyDeleted: false },
      { do: 'updateMailbox', mailbox: ann.inbox, subscribed: false },
      { do: 'deleteMailbox', mailbox: ann.inbox },
      createMailbox(ids.next<MailboxId>(), 'child', ann.inbox),
    ];
    for (const command of theirs) assert.equal(await refusal(bob.handle.apply([command])), 'mailboxGone', command.do);
    assert.equal(await refusal(bob.handle.apply([createMailbox(ann.inbox, 'thief')])), 'mailboxExists');
    assert.equal(await refusal(bob.handle.apply([{ do: 'step', row: step(ann.id, journey) }])), 'notAllowed');
    assert.equal(await refusal(bob.handle.apply([{ do: 'enqueue', message: queued(ann.id) }])), 'notAllowed');
    assert.deepEqual(await snapshot(ann), before);
  });
}

function togetherTests(at: () => Store): void {
  test('several accounts share one body in one commit, with a message for the queue', async () => {
    const [ann, bob] = [await newPerson(at()), await newPerson(at())];
    const blob = ids.next<BlobId>();
    const message = queued(ann.id, 2, { body: { kind: 'stored', blob } });
    const first = addEmail(ann.inbox, { blob, body: 'shared' });
    const second = { ...addEmail(bob.inbox), body: { kind: 'stored', blob } as const };
    const effectId = Buffer.alloc(16, 1);
    const writes = [
      { account: ann.id, batch: [first], effectId },
      { account: bob.id, batch: [second] },
    ];
    const journey = newJourney();
    const answers = await at().applyTogether(writes, message, [step(ann.id, journey)]);
    assert.equal((await ann.handle.read({ ask: 'journey', journey })).length, 1);
    assert.ok(!isRefusal(answers));
    assert.deepEqual(
      answers.map(({ firstTime, results }) => [firstTime, results.length]),
      [
        [true, 1],
        [true, 1],
      ],
    );
    for (const [person, email] of [
      [ann, first.email],
      [bob, second.email],
    ] as const) {
      assert.equal(text(await person.handle.readBody(email, 0, 10)), 'shared');
      await did(person, { do: 'expunge', mailbox: person.inbox, uids: ALL, onlyDeleted: false }, 'expunge');
    }
    assert.equal(text(await at().queue.readBody(message.queue, 0, 10)), 'shared');
    const [one, two] = await at().queue.list({ owner: ann.id, limit: 5 });
    const again = await at().applyTogether([{ account: ann.id, batch: [addEmail(ann.inbox)], effectId }], queued(ann.id), [
      step(ann.id, journey),
    ]);
    assert.equal((await ann.handle.read({ ask: 'journey', journey })).length, 1);
    assert.ok(!isRefusal(again) && again[0]?.firstTime === false);
    assert.equal((await at().queue.list({ owner: ann.id, limit: 5 })).length, 2);
    for (const item of [one, two] as QueueItem[]) assert.equal(await at().queue.change(item.item, { set: 'remove', now: 5000 }, []), true);
    assert.equal(await at().queue.readBody(message.queue, 0, 10), undefined);
  });

  test('one refusal among several accounts undoes all', async () => {
    const [ann, bob] = [await newPerson(at()), await newPerson(at(), 50)];
    const before = [await snapshot(ann), await snapshot(bob)];
    const writes = [ann, bob].map((person) => ({ account: person.id, batch: [addEmail(person.inbox)] }));
    assert.equal(await refusal(at().applyTogether(writes, queued(ann.id))), 'overQuota');
    assert.deepEqual([await snapshot(ann), await snapshot(bob)], before);
    assert.deepEqual(await at().queue.list({ owner: ann.id, limit: 5 }), []);
    const gone = await at().applyTogether(
      [{ account: ann.id, batch: [addEmail(ann.inbox)] }],
      queued(ann.id, 1, { body: { kind: 'stored', blob: ids.next<BlobId>() } }),
    );
    assert.ok(isRefusal(gone) && gone.refusal === 'notFound');
    assert.deepEqual(await snapshot(ann), before[0]);
  });
}

function journeyTests(at: () => Store): void {
  test('one question gives a bounded number of journeys, and the next one goes on where it ended', async () => {
    const person = await newPerson(at());
    const rows = Array.from({ length: JOURNEYS_AT_ONCE + 5 }, (_, index) => ({
      ...step(person.id, newJourney(1_000_000 + index)),
      at: 1_000_000,
    }));
    applied(await person.handle.apply(rows.map((row) => ({ do: 'step', row }))));
    const page = await person.handle.read({ ask: 'journeys', limit: JOURNEYS_AT_ONCE * 2 });
    assert.equal(page.length, JOURNEYS_AT_ONCE);
    const last = page.at(-1)?.journey;
    assert.ok(last !== undefined);
    assert.equal((await person.handle.read({ ask: 'journeys', limit: JOURNEYS_AT_ONCE, before: last })).length, 5);
  });

  test('journeys come newest first, whole, and page by page', async () => {
    const person = await newPerson(at());
    const [a, b, c] = [newJourney(1_000_000_000_000), newJourney(1_100_000_000_000), newJourney(1_200_000_000_000)];
    const rows = [
      step(person.id, b, 'b1'),
      step(person.id, a, 'a1'),
      step(person.id, c, 'c1'),
      step(person.id, a, 'a2'),
      step(person.organisation, c, 'org'),
    ];
    applied(await person.handle.apply(rows.map((row) => ({ do: 'step', row }))));
    const words = (list: readonly StepRow[]): (string | undefined)[] => list.map(({ sealed }) => text(sealed));
    assert.deepEqual(words(await person.handle.read({ ask: 'journeys', limit: 2 })), ['c1', 'b1']);
    assert.deepEqual(words(await person.handle.read({ ask: 'journeys', limit: 5, before: b })), ['a1', 'a2']);
    assert.deepEqual(words(await person.handle.read({ ask: 'journeys', limit: 5, from: b })), ['c1', 'b1']);
    assert.deepEqual(words(await person.handle.read({ ask: 'journeys', limit: 1, from: b })), ['c1']);
    assert.deepEqual(words(await person.handle.read({ ask: 'journeys', limit: 5, before: c, from: b })), ['b1']);
    assert.deepEqual(words(await person.handle.read({ ask: 'journeys', limit: 5, before: b, from: b })), []);
    assert.deepEqual(words(await person.handle.read({ ask: 'journeys', limit: 0 })), []);
    assert.deepEqual(words(await person.handle.read({ ask: 'journey', journey: a })), ['a1', 'a2']);
    const [row] = await person.handle.read({ ask: 'journey', journey: b });
    assert.deepEqual([row?.owner, row?.journey, row?.seq, row?.at], [person.id, b, rows[0]?.seq, rows[0]?.at]);
    const projection = at().journeys(person.organisation);
    assert.deepEqual(words(await projection.read({ ask: 'journeys', limit: 5 })), ['org']);
    const heard: Change[] = [];
    const stop = at().onChange((changes) => heard.push(...changes));
    await projection.add([step(person.organisation, c, 'org2')]);
    await projection.add([rows[4] as StepRow]);
    stop();
    const news = { kind: 'journey', owner: person.organisation, journey: c };
    assert.deepEqual(heard, [news, news]);
    assert.deepEqual(words(await projection.read({ ask: 'journey', journey: c })), ['org', 'org2']);
    await assert.rejects(projection.add([step(person.id, c)]));
  });
}

function bodyTests(at: () => Store): void {
  test('a large body is written as it arrives, shared, read in parts and dropped', async () => {
    const person = await newPerson(at());
    const writer = await at().openBody(ids.next<BlobId>());
    const chunk = Buffer.alloc(100_000, 'ab');
    for (let part = 0; part < 30; part++) await writer.write([chunk, Buffer.from('|')]);
    await writer.finish();
    const body = { kind: 'stored', blob: writer.blob } as const;
    const [one, two] = [addEmail(person.inbox), addEmail(person.inbox)];
    applied(
      await person.handle.apply([
        { ...one, body },
        { ...two, body },
      ]),
    );
    assert.equal(text(await person.handle.readBody(one.email, 99_998, 100_003)), 'ab|ab');
    assert.equal((await person.handle.readBody(one.email, 3_000_000, 9_000_000))?.length, 30);
    assert.equal((await person.handle.readBody(two.email, 9_000_000, 9_000_001))?.length, 0);
    await did(person, { do: 'expunge', mailbox: person.inbox, uids: [[1, 1]], onlyDeleted: false }, 'expunge');
    assert.equal(await person.handle.readBody(one.email, 0, 3), undefined);
    assert.equal(text(await person.handle.readBody(two.email, 3_000_029, 3_000_030)), '|');
  });

  test('an abandoned body cannot be used, and an empty or very small one can', async () => {
    const person = await newPerson(at());
    const writer = await at().openBody(ids.next<BlobId>());
    await writer.write([bytes('half')]);
    await writer.abort();
    const stored = (blob: BlobId): Command => ({ ...addEmail(person.inbox), body: { kind: 'stored', blob } });
    assert.equal(await refusal(person.handle.apply([stored(writer.blob)])), 'notFound');
    const empty = await at().openBody(ids.next<BlobId>());
    await empty.finish();
    applied(await person.handle.apply([stored(empty.blob)]));
    const tiny = addEmail(person.inbox, { body: '' });
    applied(await person.handle.apply([tiny]));
    assert.equal((await person.handle.readBody(tiny.email, 0, 10))?.length, 0);
  });

  test('bodies of all sizes come back as they were', async () => {
    const person = await newPerson(at());
    const sizes = [1, 100, 4095, 4096, 4097, 65_535, 65_536, 65_552, 1_000_000];
    const commands = sizes.map((size) => {
      const sealed = [Buffer.alloc(size, `size ${size}.`).subarray(0, size >> 1), Buffer.alloc(size, `size ${size}.`).subarray(size >> 1)];
      return { ...addEmail(person.inbox), body: { kind: 'inline', blob: ids.next<BlobId>(), sealed } as const };
    });
    await Promise.all(commands.map((command) => person.handle.apply([command])));
    for (const { email, body } of commands) {
      const read = await person.handle.readBody(email, 0, 2_000_000);
      const sealed = Buffer.concat(body.sealed);
      assert.ok(read !== undefined && Buffer.compare(read, sealed) === 0, `${sealed.length} octets`);
    }
  });
}

async function emptyQueue(store: Store): Promise<void> {
  for (const { item } of await store.queue.list({ limit: 10_000 })) {
    await store.queue.change(item, { set: 'remove', now: Number.MAX_SAFE_INTEGER }, []);
  }
}

type AddUpload = Extract<Command, { do: 'addUpload' }>;

export function addUpload(more: Partial<AddUpload> = {}): AddUpload {
  const body = { kind: 'inline', blob: ids.next<BlobId>(), sealed: [bytes('sealed '), bytes('upload')] } as const;
  return { do: 'addUpload', upload: ids.next<UploadId>(), body, size: 13, at: Date.now(), meta: bytes('its key'), ...more };
}

const madeOf = (person: Person, { body: { blob } }: AddUpload): Extract<Command, { do: 'addEmail' }> => ({
  ...addEmail(person.inbox),
  body: { kind: 'stored', blob },
});

function uploadTests(at: () => Store): void {
  const row = async (person: Person, { upload }: AddUpload): Promise<unknown> => {
    const found = await person.handle.read({ ask: 'upload', upload });
    return found === undefined ? undefined : { ...found, meta: text(found.meta) };
  };

  test('an upload is found, read in parts and dropped, and nobody is told', async () => {
    const person = await newPerson(at(), 10);
    const add = addUpload();
    const before = await snapshot(person);
    const { upload, size, body, at: since } = add;
    assert.deepEqual(await told(at(), person, [[add]]), []);
    assert.deepEqual(await row(person, add), { upload, size, at: since, meta: 'its key', blob: body.blob });
    assert.equal(text(await person.handle.readUpload(upload, 0, 100)), 'sealed upload');
    assert.equal(text(await person.handle.readUpload(upload, 4, 8)), 'ed u');
    assert.deepEqual(await told(at(), person, [[{ do: 'dropUpload', upload }], [{ do: 'dropUpload', upload }]]), []);
    assert.equal(await row(person, add), undefined);
    assert.equal(await person.handle.readUpload(upload, 0, 100), undefined);
    assert.deepEqual(await snapshot(person), before);
    assert.equal(await refusal(person.handle.apply([addUpload({ body: { kind: 'stored', blob: body.blob } })])), 'notFound');
  });

  test('a large upload is written as it arrives; what is not there cannot be one', async () => {
    const person = await newPerson(at());
    const writer = await at().openBody(ids.next<BlobId>());
    await writer.write([Buffer.alloc(300_000, 'a')]);
    await writer.finish();
    const add = addUpload({ body: { kind: 'stored', blob: writer.blob }, size: 300_000 });
    applied(await person.handle.apply([add]));
    assert.equal((await person.handle.readUpload(add.upload, 100_000, 500_000))?.length, 200_000);
    const nothing = addUpload({ body: { kind: 'stored', blob: ids.next<BlobId>() } });
    assert.equal(await refusal(person.handle.apply([nothing])), 'notFound');
    assert.equal(await row(person, nothing), undefined);
  });

  test('an email made of an upload outlives it, and the upload the email', async () => {
    const person = await newPerson(at());
    const [first, second] = [addUpload(), addUpload()];
    const [one, two] = [madeOf(person, first), madeOf(person, second)];
    applied(await person.handle.apply([first, second]));
    applied(await person.handle.apply([one, { do: 'dropUpload', upload: first.upload }]));
    applied(await person.handle.apply([two]));
    assert.equal(await person.handle.readUpload(first.upload, 0, 100), undefined);
    assert.equal(text(await person.handle.readBody(one.email, 0, 100)), 'sealed upload');
    applied(await person.handle.apply([{ do: 'expunge', mailbox: person.inbox, uids: ALL, onlyDeleted: false }]));
    assert.equal(await person.handle.readBody(two.email, 0, 100), undefined);
    assert.equal(text(await person.handle.readUpload(second.upload, 0, 100)), 'sealed upload');
    assert.equal(await refusal(person.handle.apply([madeOf(person, first)])), 'notFound');
    applied(await person.handle.apply([madeOf(person, second)]));
  });

  test('uploads together are bounded, however small, and the quota does not count them', async () => {
    const person = await newPerson(at(), 10);
    const half = UPLOADS_BYTES / 2;
    const [big, rest] = [addUpload({ size: half }), addUpload({ size: half - UPLOAD_LEAST_BYTES })];
    applied(await person.handle.apply([big, rest]));
    const [tiny, late] = [addUpload({ size: 0 }), addUpload({ size: 0 })];
    assert.equal(await refusal(person.handle.apply([tiny, late])), 'overQuota');
    assert.equal(await row(person, tiny), undefined);
    applied(await person.handle.apply([tiny]));
    assert.equal(await refusal(person.handle.apply([late])), 'overQuota');
    assert.equal((await person.handle.read({ ask: 'account' })).used, 0);
    applied(await (await newPerson(at())).handle.apply([addUpload({ size: UPLOADS_BYTES })]));
    assert.equal(await refusal((await newPerson(at())).handle.apply([addUpload({ size: UPLOADS_BYTES + 1 })])), 'overQuota');
    applied(await person.handle.apply([{ do: 'dropUpload', upload: rest.upload }, late]));
    assert.equal(await row(person, rest), undefined);
    assert.notEqual(await row(person, late), undefined);
  });

  test("another account's upload does not exist here, and goes with its account", async () => {
    const [ann, bob] = [await newPerson(at()), await newPerson(at())];
    const [add, kept] = [addUpload(), addUpload()];
    applied(await ann.handle.apply([add, kept]));
    const email = madeOf(bob, kept);
    applied(await bob.handle.apply([email]));
    assert.equal(await bob.handle.read({ ask: 'upload', upload: add.upload }), undefined);
    assert.equal(await bob.handle.readUpload(add.upload, 0, 100), undefined);
    applied(await bob.handle.apply([{ do: 'dropUpload', upload: add.upload }]));
    assert.equal(text(await ann.handle.readUpload(add.upload, 0, 6)), 'sealed');
    assert.equal(await at().directory.write([{ do: 'closeAccount', account: ann.id }]), undefined);
    assert.equal(await row(ann, add), undefined);
    assert.equal(await ann.handle.readUpload(add.upload, 0, 100), undefined);
    await at().tidy({ now: Date.now(), journeysBefore: () => 0 });
    assert.equal(await refusal(bob.handle.apply([madeOf(bob, add)])), 'notFound');
    assert.equal(text(await bob.handle.readBody(email.email, 0, 6)), 'sealed');
  });

  test('an account may be born with an upload', async () => {
    const account = ids.next<AccountId>();
    const add = addUpload();
    const open = { do: 'openAccount', account, organisation: ids.next<OrganisationId>(), quota: 0, batch: [add] } as const;
    assert.equal(await at().directory.write([open]), undefined);
    assert.equal(text(await at().account(account).readUpload(add.upload, 0, 6)), 'sealed');
  });

  test('tidy removes uploads after their day, and bodies nobody else names', async () => {
    const person = await newPerson(at());
    const now = Date.now();
    const [old, used, young] = [
      addUpload({ at: now - UPLOAD_KEPT_MS - 1 }),
      addUpload({ at: now - UPLOAD_KEPT_MS - 1 }),
      addUpload({ at: now - UPLOAD_KEPT_MS }),
    ];
    const email = madeOf(person, used);
    applied(await person.handle.apply([old, used, young, email]));
    await at().tidy({ now, journeysBefore: () => 0 });
    assert.deepEqual([await row(person, old), await row(person, used)], [undefined, undefined]);
    assert.equal(text(await person.handle.readUpload(young.upload, 0, 6)), 'sealed');
    assert.equal(text(await person.handle.readBody(email.email, 0, 100)), 'sealed upload');
    assert.equal(await refusal(person.handle.apply([madeOf(person, old)])), 'notFound');
  });
}

function queueTests(at: () => Store): void {
  test('a message is accepted once with all its recipients, and claimed by one worker', async () => {
    await emptyQueue(at());
    const person = await newPerson(at());
    const message = queued(person.id, 3);
    const effectId = Buffer.alloc(16, 2);
    const journey = newJourney();
    await at().queue.accept(message, [step(person.id, journey)], effectId);
    await at().queue.accept(queued(person.id), [], effectId);
    await at().queue.accept(message, []);
    assert.equal((await person.handle.read({ ask: 'journey', journey })).length, 1);
    assert.equal(await at().queue.nextDue(), 1000);
    assert.deepEqual({ ...(await at().queue.counts(2000)) }, { waiting: 3, held: 0, leased: 0, oldestAcceptedAt: 900 });
    assert.deepEqual(await at().queue.claim({ ...claimAsk, now: 999 }), []);
    const [first, ...rest] = await at().queue.claim({ ...claimAsk, max: 2 });
    assert.equal(rest.length, 1);
    const { sealed: _, ...recipient } = message.recipients[0] as QueuedMessage['recipients'][number];
    const { message: envelope, recipient: to, ...facts } = first as QueueItem;
    const { queue, owner, size, acceptedAt, expiresAt } = message;
    assert.deepEqual({ ...facts }, { ...recipient, queue, owner, size, acceptedAt, expiresAt, attempt: 1, fence: 1 });
    assert.deepEqual([text(envelope), text(to)], ['envelope', 'to']);
    assert.equal((await at().queue.claim(claimAsk)).length, 1);
    assert.deepEqual(await at().queue.claim(claimAsk), []);
    assert.deepEqual({ ...(await at().queue.counts(2000)) }, { waiting: 0, held: 0, leased: 3, oldestAcceptedAt: 900 });
    assert.equal(await at().queue.nextDue(), 2100);
    assert.equal((await at().queue.get(first?.item as QueueItemId))?.fence, 0);
    assert.equal(await at().queue.get(ids.next<QueueItemId>()), undefined);
    assert.equal(text(await at().queue.readBody(message.queue, 0, 6)), 'queued');
    assert.equal(await at().queue.readBody(ids.next<QueueId>(), 0, 6), undefined);
  });

  test('the earliest due come first, without the lanes that are full', async () => {
    await emptyQueue(at());
    const person = await newPerson(at());
    const recipients = [50, 20, 40, 10, 30].map((dueAt, row) => ({
      item: ids.next<QueueItemId>(),
      lane: row % 2,
      dueAt,
      held: dueAt === 20,
      sealed: bytes('r'),
    }));
    await at().queue.accept(queued(person.id, 0, { recipients }), []);
    const due = await at().queue.claim({ ...claimAsk, max: 2, except: [1, 99] });
    assert.deepEqual(
      due.map(({ dueAt }) => dueAt),
      [30, 40],
    );
    const rest = await at().queue.claim(claimAsk);
    assert.deepEqual(
      rest.map(({ dueAt }) => dueAt),
      [10, 50],
    );
    await assert.rejects(at().queue.accept(queued(person.id, 0), []));
  });

  test('settling: done, retry, hold, and the message goes with its last item', async () => {
    await emptyQueue(at());
    const person = await newPerson(at());
    const message = queued(person.id, 4);
    await at().queue.accept(message, []);
    const [done, retry, unused, hold] = (await at().queue.claim(claimAsk)) as [QueueItem, QueueItem, QueueItem, QueueItem];
    const journey = newJourney();
    await at().queue.settle(done, { to: 'done' }, [step(person.id, journey)]);
    await at().queue.settle(retry, { to: 'retry', dueAt: 7000, counts: true, recipient: bytes('tried') }, []);
    await at().queue.settle(unused, { to: 'retry', dueAt: 6000, counts: false }, []);
    await at().queue.settle(hold, { to: 'hold', recipient: bytes('held') }, []);
    assert.equal((await person.handle.read({ ask: 'journey', journey })).length, 1);
    const rows = await at().queue.list({ owner: person.id, limit: 10 });
    assert.deepEqual(
      rows.map(({ item, dueAt, attempt, held, recipient }) => [item, dueAt, attempt, held, text(recipient)]),
      [
        [hold.item, 1000, 1, true, 'held'],
        [unused.item, 6000, 0, false, 'to'],
        [retry.item, 7000, 1, false, 'tried'],
      ],
    );
    assert.equal(await at().queue.nextDue(), 6000);
    assert.deepEqual(
      (await at().queue.list({ owner: person.id, limit: 1, before: hold.item })).map(({ item }) => item),
      [unused.item],
    );
    const again = await at().queue.claim({ ...claimAsk, now: 8000 });
    assert.deepEqual(
      again.map(({ item, attempt, fence }) => [item, attempt, fence]),
      [
        [unused.item, 1, 2],
        [retry.item, 2, 2],
      ],
    );
    for (const item of again) await at().queue.settle(item, { to: 'done' }, []);
    assert.equal(text(await at().queue.readBody(message.queue, 0, 6)), 'queued');
    assert.equal(await at().queue.change(hold.item, { set: 'remove', now: 8000 }, []), true);
    assert.equal(await at().queue.readBody(message.queue, 0, 6), undefined);
    assert.equal(await at().queue.nextDue(), undefined);
    assert.deepEqual({ ...(await at().queue.counts(1)) }, { waiting: 0, held: 0, leased: 0, oldestAcceptedAt: null });
  });

  test('a lost lease is fenced and changes nothing', async () => {
    await emptyQueue(at());
    const person = await newPerson(at());
    await at().queue.accept(queued(person.id), []);
    const [slow] = (await at().queue.claim(claimAsk)) as [QueueItem];
    await at().queue.extend(slow, 3000);
    assert.deepEqual(await at().queue.claim({ ...claimAsk, now: 2500 }), []);
    const [quick] = (await at().queue.claim({ ...claimAsk, now: 3000 })) as [QueueItem];
    assert.deepEqual([quick.item, quick.fence, quick.attempt], [slow.item, 2, 2]);
    const journey = newJourney();
    await assert.rejects(at().queue.settle(slow, { to: 'done' }, [step(person.id, journey)]), outcome('fenced'));
    await assert.rejects(at().queue.extend(slow, 9000), outcome('fenced'));
    assert.deepEqual(await person.handle.read({ ask: 'journey', journey }), []);
    await at().queue.settle(quick, { to: 'done' }, []);
    await assert.rejects(at().queue.settle(quick, { to: 'done' }, []), outcome('fenced'));
  });

  test('hold, release, hurry and remove, but not while a worker has it', async () => {
    await emptyQueue(at());
    const person = await newPerson(at());
    await at().queue.accept(queued(person.id), []);
    const [leased] = (await at().queue.claim(claimAsk)) as [QueueItem];
    const change = (set: 'hold' | 'release' | 'hurry' | 'remove', now: number, steps: StepRow[] = []) =>
      at().queue.change(leased.item, { set, now }, steps);
    const journey = newJourney();
    assert.equal(await change('remove', 2050, [step(person.id, journey)]), false);
    assert.deepEqual(await person.handle.read({ ask: 'journey', journey }), []);
    assert.equal(await change('hold', 2100, [step(person.id, journey)]), true);
    assert.equal((await person.handle.read({ ask: 'journey', journey })).length, 1);
    await assert.rejects(at().queue.settle(leased, { to: 'done' }, []), outcome('fenced'));
    assert.deepEqual(await at().queue.claim({ ...claimAsk, now: 99_000 }), []);
    assert.equal(await at().queue.nextDue(), undefined);
    assert.equal(await change('hurry', 5000), true);
    assert.deepEqual(await at().queue.claim({ ...claimAsk, now: 99_000 }), []);
    assert.equal(await change('release', 6000), true);
    assert.equal(await at().queue.nextDue(), 6000);
    const [again] = (await at().queue.claim({ ...claimAsk, now: 6000 })) as [QueueItem];
    await at().queue.settle(again, { to: 'retry', dueAt: 50_000, counts: true }, []);
    assert.equal(await change('hurry', 7000), true);
    assert.equal(await at().queue.nextDue(), 7000);
    assert.equal(await change('remove', 7000), true);
    assert.equal(await change('remove', 7000), false);
    assert.equal(await at().queue.get(leased.item), undefined);
  });

  test('an account enqueues in the batch that reports it', async () => {
    await emptyQueue(at());
    const person = await newPerson(at());
    const message = queued(person.id, 2);
    applied(
      await person.handle.apply([
        { do: 'enqueue', message },
        { do: 'enqueue', message: queued(person.organisation) },
      ]),
    );
    assert.equal((await at().queue.list({ owner: person.id, limit: 5 })).length, 2);
    assert.equal((await at().queue.list({ owner: person.organisation, limit: 5 })).length, 1);
    const bad = [{ do: 'enqueue', message: queued(person.id) }, addEmail(ids.next<MailboxId>())] as const;
    assert.equal(await refusal(person.handle.apply(bad)), 'mailboxGone');
    assert.equal(await refusal(person.handle.apply([{ do: 'enqueue', message: queued(person.id, 0) }])), 'badValue');
    assert.equal((await at().queue.list({ limit: 5 })).length, 3);
    await emptyQueue(at());
  });
}

function directoryTests(at: () => Store): void {
  const row = (id: number, names: readonly string[], sealed = 'row'): DirectoryChange => ({
    do: 'put',
    row: { kind: 'account', id, names: names.map(bytes), sealed: bytes(sealed) },
  });
  const find = async (id: number): Promise<string[] | undefined> => {
    const found = (await at().directory.load()).find((other) => other.kind === 'account' && other.id === id);
    return found === undefined ? undefined : [text(found.sealed) ?? '', ...found.names.map((name) => text(name) ?? '').sort()];
  };

  test('names are unique over the whole directory, and a row takes its names with it', async () => {
    const [a, b] = [ids.next<AccountId>(), ids.next<AccountId>()];
    assert.equal(await at().directory.write([row(a, [`n${a}`, `m${a}`]), row(b, [`n${b}`])]), undefined);
    assert.equal(await refusal(at().directory.write([row(b, [`q${b}`]), row(b, [`q${b}`, `m${a}`])])), 'nameTaken');
    assert.deepEqual(await find(b), ['row', `n${b}`]);
    assert.equal(await at().directory.write([row(a, [`n${a}`], 'new'), row(b, [`m${a}`])]), undefined);
    assert.deepEqual(
      [await find(a), await find(b)],
      [
        ['new', `n${a}`],
        ['row', `m${a}`],
      ],
    );
    assert.equal(await at().directory.write([{ do: 'remove', kind: 'account', id: a }, row(b, [`n${a}`])]), undefined);
    assert.deepEqual([await find(a), await find(b)], [undefined, ['row', `n${a}`]]);
    assert.equal(await at().directory.write([{ do: 'remove', kind: 'account', id: a }]), undefined);
    assert.equal(await refusal(at().directory.write([row(a, [`n${a}`])])), 'nameTaken');
  });

  test('wrapped keys are kept, replaced and destroyed', async () => {
    const owner = ids.next<AccountId>();
    const keys = async () => (await at().directory.keys()).filter((key) => key.owner === owner).map(({ wrapped }) => text(wrapped));
    await at().directory.write([{ do: 'putKey', owner, wrapped: bytes('one') }]);
    await at().directory.write([{ do: 'putKey', owner, wrapped: bytes('two') }]);
    assert.deepEqual(await keys(), ['two']);
    await at().directory.write([{ do: 'destroyKey', owner }]);
    assert.deepEqual(await keys(), []);
  });

  test('a thousand accounts are opened together, or none', async () => {
    const accounts = Array.from({ length: 1000 }, () => ids.next<AccountId>());
    const organisation = ids.next<OrganisationId>();
    const batch = (): Command[] => [createMailbox(ids.next<MailboxId>(), 'inbox')];
    const open = (account: AccountId): DirectoryChange[] => [
      row(account, [`person ${account}`]),
      { do: 'putKey', owner: account, wrapped: bytes('k') },
      { do: 'openAccount', account, organisation, quota: 0, batch: batch() },
    ];
    const first = accounts[0] as AccountId;
    const bad: DirectoryChange = { do: 'openAccount', account: first, organisation, quota: 0, batch: [addEmail(ids.next<MailboxId>())] };
    assert.equal(await refusal(at().directory.write([...accounts.slice(1).flatMap(open), bad])), 'mailboxGone');
    assert.deepEqual(
      await at()
        .account(accounts[500] as AccountId)
        .read({ ask: 'mailboxes' }),
      [],
    );
    assert.equal(await at().directory.write(accounts.flatMap(open)), undefined);
    assert.equal(
      (
        await at()
          .account(accounts[999] as AccountId)
          .read({ ask: 'mailboxes' })
      ).length,
      1,
    );
  });
}

function tidyTests(at: () => Store): void {
  test('tidy forgets effects, changes and journeys past their time, and nothing else', async () => {
    const person = await newPerson(at());
    const effectId = Buffer.alloc(16, 8);
    const [email] = (await fill(person, 2)) as [EmailId];
    const [old, young] = [newJourney(), newJourney()];
    const at0 = Date.now();
    const rows = [
      { ...step(person.id, old), at: at0 - 5000 },
      { ...step(person.id, young), at: at0 },
    ];
    applied(await person.handle.apply([addEmail(person.inbox), ...rows.map((row) => ({ do: 'step', row }) as const)], { effectId }));
    await at().tidy({ now: at0, journeysBefore: () => at0 - 1000 });
    assert.deepEqual(
      (await person.handle.read({ ask: 'journeys', limit: 10 })).map(({ journey }) => journey),
      [young],
    );
    assert.equal(applied(await person.handle.apply([addEmail(person.inbox)], { effectId })).firstTime, false);
    assert.equal((await person.handle.changes({ epoch: 1, modseq: 0 }, 100)).complete, true);
    const { modseq } = await person.handle.read({ ask: 'account' });
    await at().tidy({ now: at0 + 15 * DAY, journeysBefore: () => 0 });
    assert.equal((await person.handle.changes({ epoch: 1, modseq: 0 }, 100)).complete, true);
    assert.equal(applied(await person.handle.apply([addEmail(person.inbox)], { effectId })).firstTime, true);
    await at().tidy({ now: at0 + 100 * DAY, journeysBefore: () => 0 });
    assert.equal((await person.handle.changes({ epoch: 1, modseq }, 100)).complete, false);
    assert.equal((await person.handle.read({ ask: 'vanished', mailbox: person.inbox, since: modseq })).complete, false);
    assert.deepEqual(await person.handle.changes({ epoch: 1, modseq: modseq + 1 }, 9), { items: [], to: modseq + 1, complete: true });
    assert.deepEqual(await uids(person, person.inbox), [1, 2, 3, 4]);
    assert.equal(text(await person.handle.readBody(email, 0, 6)), 'sealed');
  });

  test('journeys live as long as their organisation says, its people’s and its own; the server’s as it says itself', async () => {
    const [long, short, plain] = [await newPerson(at()), await newPerson(at()), await newPerson(at())];
    const at0 = Date.now();
    const owners = [long, short, plain].flatMap(({ id, organisation }): OwnerId[] => [id, organisation]);
    const all: OwnerId[] = [...owners, SERVER_OWNER];
    const ages = [400, 364, 100, 31, 29, 8, 6];
    for (const owner of all) {
      const rows = ages.map((days) => {
        const when = at0 - days * DAY;
        return { ...step(owner, newJourney(when), String(days)), at: when };
      });
      await at().journeys(owner).add(rows);
    }
    const asked = new Set<OrganisationId>();
    const days = new Map([
      [long.organisation, 365],
      [short.organisation, 7],
    ]);
    const journeysBefore = (organisation: OrganisationId): number => {
      asked.add(organisation);
      return at0 - (days.get(organisation) ?? 30) * DAY;
    };
    const left = async (owner: OwnerId): Promise<number[]> => {
      const rows = await at().journeys(owner).read({ ask: 'journeys', limit: 100 });
      return rows.map(({ sealed }) => Number(text(sealed))).reverse();
    };
    await at().tidy({ now: at0, journeysBefore });
    const expected = [[364, 100, 31, 29, 8, 6], [6], [29, 8, 6]].flatMap((kept) => [kept, kept]);
    assert.deepEqual(await Promise.all(all.map(left)), [...expected, [29, 8, 6]]);
    for (const owner of all) assert.equal(asked.has(owner as OrganisationId), ![long.id, short.id, plain.id].includes(owner as AccountId));
    days.set(long.organisation, 30);
    await at().tidy({ now: at0, journeysBefore });
    assert.deepEqual(await left(long.id), [29, 8, 6], 'a shorter time counts for what is there already');
  });

  test('a journey that is not over keeps its young rows; thousands past their time go in one tidying, whatever lies between', async () => {
    const [person, neighbour] = [await newPerson(at()), await newPerson(at())];
    const at0 = Date.now();
    const old = at0 - 40 * DAY;
    const ofDays = (owner: OwnerId, when: number, journey = newJourney(when)): StepRow => ({ ...step(owner, journey), at: when });
    const journey = newJourney(old);
    await at()
      .journeys(person.id)
      .add([ofDays(person.id, old, journey), ofDays(person.id, at0, journey)]);
    await at()
      .journeys(neighbour.id)
      .add(Array.from({ length: 600 }, () => ofDays(neighbour.id, old)));
    for (const times of [600, 650])
      await at()
        .journeys(person.id)
        .add(Array.from({ length: times }, () => ofDays(person.id, old)));
    const before = new Map([[person.organisation, at0 - 30 * DAY]]);
    await at().tidy({ now: at0, journeysBefore: (organisation) => before.get(organisation) ?? 0 });
    const rows = await person.handle.read({ ask: 'journeys', limit: 100 });
    assert.deepEqual(
      rows.map((row) => [row.journey, row.at]),
      [[journey, at0]],
    );
    assert.equal((await neighbour.handle.read({ ask: 'journeys', limit: 1_000 })).length, 600);
  });
}

function faultTests(fixture: () => Fixture): void {
  const at = (): Store => fixture().store;

  test('a fault before the commit leaves no trace, and the next try succeeds', async () => {
    for (const [point, wanted] of [
      ['beforeCommit', 'unavailable'],
      ['full', 'full'],
    ] as const) {
      const person = await newPerson(at());
      const before = await snapshot(person);
      const effectId = Buffer.alloc(16, 3);
      fixture().breakNext(point);
      await assert.rejects(person.handle.apply([addEmail(person.inbox)], { effectId }), outcome(wanted));
      assert.deepEqual(await snapshot(person), before);
      assert.equal(applied(await person.handle.apply([addEmail(person.inbox)], { effectId })).firstTime, true);
      assert.deepEqual(await uids(person, person.inbox), [1]);
    }
  });

  test('a fault after the commit is unknown; the same effect again is harmless', async () => {
    const person = await newPerson(at());
    const effectId = Buffer.alloc(16, 4);
    fixture().breakNext('afterCommit');
    await assert.rejects(person.handle.apply([addEmail(person.inbox)], { effectId }), outcome('unknown'));
    applied(await person.handle.apply([addEmail(person.inbox)], { effectId }));
    assert.deepEqual(await uids(person, person.inbox), [1]);
  });

  test('a fault while accepting into the queue keeps nothing', async () => {
    const person = await newPerson(at());
    fixture().breakNext('full');
    await assert.rejects(at().queue.accept(queued(person.id), []), outcome('full'));
    assert.deepEqual(await at().queue.list({ owner: person.id, limit: 5 }), []);
  });
}

function crowdTests(at: () => Store): void {
  test('many writers at once: bad batches harm no neighbour, uids have no gap', async () => {
    const people = [await newPerson(at()), await newPerson(at()), await newPerson(at(), 350)] as const;
    const [ann, bob, poor] = people;
    const good = (person: Person) => person.handle.apply([addEmail(person.inbox), { do: 'step', row: step(person.id, newJourney()) }]);
    const bad = (person: Person) => person.handle.apply([addEmail(person.inbox), addEmail(ids.next<MailboxId>())]);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, turn) => Promise.all([good(ann), turn % 3 === 0 ? bad(bob) : good(bob), good(poor)])),
    );
    assert.deepEqual(
      await uids(ann, ann.inbox),
      Array.from({ length: 60 }, (_, uid) => uid + 1),
    );
    assert.deepEqual(
      await uids(bob, bob.inbox),
      Array.from({ length: 40 }, (_, uid) => uid + 1),
    );
    assert.deepEqual(await uids(poor, poor.inbox), [1, 2, 3]);
    assert.deepEqual(await totals(bob, bob.inbox), { uidNext: 41, total: 40, unseen: 40, deleted: 0, size: 4000 });
    assert.equal(answers.filter(([, , last]) => isRefusal(last) && last.refusal === 'overQuota').length, 57);
    const modseqs = answers.map(([first]) => applied(first).modseq);
    assert.deepEqual(
      modseqs,
      [...modseqs].sort((a, b) => a - b),
    );
    assert.equal((await bob.handle.read({ ask: 'journeys', limit: 100 })).length, 40);
  });

  test('what was answered is read by whoever asks next', async () => {
    const person = await newPerson(at());
    const readers = Array.from({ length: 30 }, async () => {
      const { placed } = await did(person, addEmail(person.inbox), 'addEmail');
      return (await uids(person, person.inbox)).includes(placed[0]?.uid as Uid);
    });
    assert.ok((await Promise.all(readers)).every(Boolean));
  });
}

function reopenTests(fixture: () => Fixture): void {
  test('everything is still there after closing and opening again; a closed store is unavailable', async (context) => {
    const { reopen } = fixture();
    if (reopen === undefined) return context.skip('nothing is kept');
    const store = fixture().store;
    const person = await newPerson(store, 9999);
    const [email] = (await fill(person, 5, { keywords: ['k'] })) as [EmailId];
    applied(await person.handle.apply([{ do: 'step', row: step(person.id, newJourney()) }, setFlags(person.inbox, { add: 1 })]));
    await store.queue.accept(queued(person.id, 2), []);
    const writer = await store.openBody(ids.next<BlobId>());
    await writer.write([Buffer.alloc(300_000, 'x')]);
    await writer.finish();
    const large = { ...addEmail(person.inbox), body: { kind: 'stored', blob: writer.blob } as const };
    applied(await person.handle.apply([large]));
    const before = await snapshot(person);
    const queue = await store.queue.list({ owner: person.id, limit: 5 });
    const again = await reopen();
    await assert.rejects(person.handle.apply([addEmail(person.inbox)]), outcome('unavailable'));
    const same = { ...person, handle: again.account(person.id) };
    assert.deepEqual(await snapshot(same), before);
    assert.deepEqual(await again.queue.list({ owner: person.id, limit: 5 }), queue);
    assert.equal(text(await same.handle.readBody(email, 0, 6)), 'sealed');
    assert.equal((await same.handle.readBody(large.email, 0, 400_000))?.length, 300_000);
    const { placed } = await did(same, addEmail(person.inbox), 'addEmail');
    assert.equal(placed[0]?.uid, 7);
    return undefined;
  });
}
