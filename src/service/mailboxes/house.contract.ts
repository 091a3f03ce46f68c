/** A small house for tests: two accounts in any store, with letters to put into them. */
import assert from 'node:assert/strict';
import { fakeClock, type FakeClock } from '../../adapter/memory/clock.ts';
import { seededDice } from '../../adapter/memory/dice.ts';
import { type MemoryKeyring, memoryKeyring } from '../../adapter/memory/keyring.ts';
import { type AccountId, type EmailId, IdMaker, type MailboxId, type OrganisationId, type Uid } from '../../core/ids.ts';
import { DEFAULT_MAILBOXES, nameKey, sealName } from '../../core/mailbox-name.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import { type MailAccount, type Mailboxes, type MailboxesParts, type OpenMailbox, openMailboxes } from './mailboxes.ts';

export type MakeStore = (now: () => number) => Store | Promise<Store>;

const SCHOOL = 101 as OrganisationId;
/** One for all houses: several of them may stand on one store. */
const IDS = new IdMaker(Date.now);
/** 2026-03-01 12:00 UTC */
export const NOW = Date.UTC(2026, 2, 1, 12);

export type House = Readonly<{
  store: Store;
  clock: FakeClock;
  ids: IdMaker;
  keyring: MemoryKeyring;
  mailboxes: Mailboxes;
  noor: MailAccount;
  sam: MailAccount;
  parts: MailboxesParts;
}>;

export type HouseOptions = Readonly<{ quota?: number; limits?: MailboxesParts['limits']; wrap?: (store: Store) => Store }>;

export async function openHouse(makeStore: MakeStore, { quota = 0, limits, wrap = (store) => store }: HouseOptions = {}): Promise<House> {
  const clock = fakeClock(NOW);
  const store = wrap(await makeStore(() => clock.now()));
  const keyring = memoryKeyring(seededDice('mailboxes'));
  const ids = IDS;
  const [noor, sam] = [ids.next<AccountId>(), ids.next<AccountId>()];
  for (const account of [noor, sam]) {
    const key = keyring.add(account);
    const batch = DEFAULT_MAILBOXES.map(({ name, role }) => {
      const mailbox = ids.next<MailboxId>();
      return {
        do: 'createMailbox' as const,
        mailbox,
        parent: null,
        nameKey: nameKey(key, account, null, name),
        name: sealName(key, account, mailbox, name),
        role,
        subscribed: true,
        uidValidity: Math.floor(NOW / 1000) - 1_000_000,
      };
    });
    assert.equal(await store.directory.write([{ do: 'openAccount', account, organisation: SCHOOL, quota, batch }]), undefined);
  }
  const parts: MailboxesParts = { store, keyring, clock, ids, ...(limits === undefined ? {} : { limits }) };
  const mailboxes = openMailboxes(parts);
  return { store, clock, ids, keyring, mailboxes, parts, noor: await mailboxes.open(noor), sam: await mailboxes.open(sam) };
}

export function ok<Value>(value: Value | Refusal): Value {
  assert.ok(!isRefusal(value), isRefusal(value) ? `refused: ${value.refusal} ${JSON.stringify(value.facts)}` : '');
  return value;
}

export function refused(value: unknown): string | undefined {
  return isRefusal(value) ? value.refusal : undefined;
}

export const idOf = (account: MailAccount, path: string): MailboxId => {
  const found = account.byPath(path);
  assert.ok(found, `no mailbox ${path}`);
  return found.mailbox;
};

export const select = async (account: MailAccount, path = 'INBOX'): Promise<OpenMailbox> => ok(await account.select(idOf(account, path)));

export type Letter = Readonly<{ flags?: number; keywords?: readonly string[]; receivedAt?: number }>;

/** Appends one message and gives its uid. */
export async function append(account: MailAccount, path: string, text: string | Buffer, letter: Letter = {}): Promise<Uid> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const { flags = 0, keywords = [], receivedAt = null } = letter;
  const staging = ok(account.stage({ flags, keywords, receivedAt, size: bytes.length }));
  await staging.write(bytes);
  const { uids } = ok(await account.appendAll(idOf(account, path), [ok(await staging.finish())]));
  const [uid] = uids;
  assert.ok(uid !== undefined);
  return uid;
}

export const letter = (subject: string, body = 'Dear you,\r\n\r\nbye\r\n'): string =>
  `From: Noor <noor@school.example>\r\nTo: sam@school.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject.replaceAll(' ', '.')}@school.example>\r\n\r\n${body}`;

export const uidsOf = (opened: OpenMailbox): number[] => [...opened.columns.uids.subarray(0, opened.columns.count)];

/** What the store itself says of a mailbox, to hold the counts against. */
export async function storedCounts(house: House, account: MailAccount, path: string): Promise<Record<string, number>> {
  const rows = await house.store.account(account.account).read({ ask: 'mailboxes' });
  const row = rows.find(({ mailbox }) => mailbox === idOf(account, path));
  assert.ok(row);
  const { total, unseen, deleted, size, uidNext, highestModseq } = row;
  return { total, unseen, deleted, size, uidNext, highestModseq };
}

export function shownCounts(account: MailAccount, path: string): Record<string, number> {
  const info = account.byPath(path);
  assert.ok(info);
  const { total, unseen, deleted, size, uidNext, highestModseq } = info;
  return { total, unseen, deleted, size, uidNext, highestModseq };
}

/** Every uid there can be. */
export const ALL: readonly [number, number][] = [[1, 4_294_967_295]];

/** The id of what is appended. */
export async function put(account: MailAccount, path: string, text: string, about: Parameters<typeof append>[3] = {}): Promise<EmailId> {
  const uid = await append(account, path, text, about);
  const opened = await select(account, path);
  const email = opened.columns.email(opened.columns.rowOf(uid));
  opened.close();
  return email;
}

export async function flag(
  account: MailAccount,
  path: string,
  change: Readonly<{ add?: number; remove?: number; words?: readonly string[] }>,
) {
  const opened = await select(account, path);
  const { add, remove, words: keywords = [] } = change;
  const mode = remove === undefined ? 'add' : 'remove';
  ok(await opened.setFlags(ALL, { mode, flags: add ?? remove ?? 0, keywords, unchangedSince: null }));
  opened.close();
}

export async function copyAll(account: MailAccount, from: string, to: string): Promise<void> {
  const opened = await select(account, from);
  ok(await opened.copy(ALL, idOf(account, to)));
  opened.close();
}

export const reply = (subject: string, to: string): string =>
  letter(subject).replace('\r\n\r\n', `\r\nReferences: <${to.replaceAll(' ', '.')}@school.example>\r\n\r\n`);

export const sorted = <Value extends number | string>(values: Iterable<Value>): Value[] => [...values].sort((a, b) => (a < b ? -1 : 1));
