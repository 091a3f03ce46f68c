/** The memory store's answers: one function per question. */
import type { AccountId, BlobId, EmailId, MailboxId, OwnerId, UploadId } from '../../core/ids.ts';
import { type Answers, type EntryColumns, type Query, JOURNEYS_AT_ONCE, type UploadRow } from '../../core/ports/store.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Email, State } from './state.ts';

/** As the port says. */
const EMAILS_AT_ONCE = 1_000;

const ascii = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The answer to a question about one account (or, for journeys, one owner). */
export function read(state: State, owner: OwnerId, query: Query): Answers[Query['ask']] {
  const account = owner as AccountId;
  switch (query.ask) {
    case 'account':
      return accountRow(state, account);
    case 'mailboxes':
      return state.mailboxesOf(account).map(({ account: _account, ...row }) => row);
    case 'entries':
      return entries(state, account, query);
    case 'vanished':
      return vanished(state, account, query);
    case 'emails':
      if (query.emails.length > EMAILS_AT_ONCE) throw new Error(`at most ${EMAILS_AT_ONCE} emails at once`);
      return emails(state, account, query.emails).map(({ email, thread, size, receivedAt, meta }) => ({
        email,
        thread,
        size,
        receivedAt,
        meta,
      }));
    case 'emailFacts':
      return emailFacts(emails(state, account, query.emails));
    case 'placesOf':
      return placesOf(state, account, query.email);
    case 'objects':
      return state.objects
        .values()
        .filter((row) => row.account === account && row.object === query.object)
        .map(({ id, value }) => ({ id, value }))
        .sort((a, b) => a.id - b.id);
    case 'upload':
      return uploadRow(state, account, query.upload);
    case 'journeys':
      return journeys(state, owner, query);
    case 'journey':
      return state
        .stepsOf(owner)
        .values()
        .filter((row) => row.journey === query.journey)
        .sort((a, b) => a.seq - b.seq);
    default:
      return unreachable(query);
  }
}

function accountRow(state: State, account: AccountId): Answers['account'] {
  const row = state.accounts.get(account);
  return { epoch: row?.epoch ?? 0, modseq: row?.modseq ?? 0, used: row?.used ?? 0, quota: row?.quota ?? 0 };
}

function entries(state: State, account: AccountId, { mailbox, since = 0 }: { mailbox: MailboxId; since?: number }): EntryColumns {
  const rows = state.mailbox(account, mailbox) === undefined ? [] : state.entriesOf(mailbox).values();
  const wanted = rows.filter(({ modseq }) => modseq > since).sort((a, b) => a.uid - b.uid);
  return {
    uids: Float64Array.from(wanted, ({ uid }) => uid),
    flags: Uint8Array.from(wanted, ({ flags }) => flags),
    modseqs: Float64Array.from(wanted, ({ modseq }) => modseq),
    emails: Float64Array.from(wanted, ({ email }) => email),
    keywords: new Map(wanted.flatMap(({ keywords }, row) => (keywords.length > 0 ? [[row, keywords] as const] : []))),
  };
}

function vanished(state: State, account: AccountId, { mailbox, since }: { mailbox: MailboxId; since: number }): Answers['vanished'] {
  const row = state.accounts.get(account);
  if (row === undefined || since < row.logFloor) return { uids: [], complete: false };
  const uids = [];
  for (let modseq = since + 1; modseq <= row.modseq; modseq++) {
    for (const change of state.log.get(`${account}/${modseq}`)?.changes ?? []) {
      if (change.kind === 'expunged' && change.mailbox === mailbox) uids.push(...change.uids);
    }
  }
  return { uids: uids.sort((a, b) => a - b), complete: true };
}

function emails(state: State, account: AccountId, ids: readonly EmailId[]): Email[] {
  return ids.map((id) => state.emails.get(id)).filter((row) => row !== undefined && row.account === account) as Email[];
}

function emailFacts(rows: readonly Email[]): Answers['emailFacts'] {
  return {
    emails: Float64Array.from(rows, ({ email }) => email),
    sizes: Float64Array.from(rows, ({ size }) => size),
    receivedAt: Float64Array.from(rows, ({ receivedAt }) => receivedAt),
    threads: Float64Array.from(rows, ({ thread }) => thread),
  };
}

function placesOf(state: State, account: AccountId, wanted: EmailId): Answers['placesOf'] {
  return state.mailboxesOf(account).flatMap(({ mailbox }) =>
    state
      .entriesOf(mailbox)
      .values()
      .filter(({ email }) => email === wanted)
      .sort((a, b) => a.uid - b.uid)
      .map(({ uid, flags, keywords }) => ({ mailbox, uid, flags, keywords })),
  );
}

export function uploadRow(state: State, account: AccountId, wanted: UploadId): UploadRow | undefined {
  const row = state.uploads.get(wanted);
  if (row?.account !== account) return undefined;
  const { upload, size, at, meta, blob } = row;
  return { upload, size, at, meta, blob };
}

function journeys(state: State, owner: OwnerId, { before, from, limit }: Extract<Query, { ask: 'journeys' }>): Answers['journeys'] {
  const rows = state.stepsOf(owner).values();
  const within = rows.filter(({ journey }) => (before === undefined || journey < before) && (from === undefined || journey >= from));
  const wanted = [...new Set(within.map(({ journey }) => journey))].sort((a, b) => ascii(b, a)).slice(0, Math.min(limit, JOURNEYS_AT_ONCE));
  return within.filter(({ journey }) => wanted.includes(journey)).sort((a, b) => ascii(b.journey, a.journey) || a.seq - b.seq);
}

/** Sealed octets [from, to) of a body. */
export function readBlob(state: State, blob: BlobId, range: Readonly<{ from: number; to: number }>): Uint8Array | undefined {
  return state.blobs.get(blob)?.sealed.slice(Math.max(0, range.from), Math.max(0, range.to));
}
