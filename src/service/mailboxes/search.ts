/**
 * SEARCH over an open mailbox, or over any messages of an account, cheapest first: columns in memory, then sizes
 * and dates, then envelopes, then headers, then bodies; only what is still
 * undecided is read. In stretches of a few milliseconds, and it stops when
 * asked to.
 */
import type { EmailId } from '../../core/ids.ts';
import type { EmailRow } from '../../core/ports/store.ts';
import { type Bodies, type BodyAsk, MessageGone } from './bodies.ts';
import type { MailboxColumns } from './columns.ts';
import { compile, type Facts, type Plan, type Subject } from './criterion.ts';
import { FACTS_AT_ONCE, MESSAGES_AT_ONCE, ROWS_PER_LOOK, SEARCH_READ_AHEAD } from './limits.ts';
import type { LiveAccount } from './live-account.ts';
import type { Criterion } from './mailboxes.ts';
import { openMeta } from './meta.ts';
import { Pace } from './pace.ts';
import { findInBody, headerTexts, type ReadPlain } from './search-body.ts';

type Ground = Readonly<{ live: Pick<LiveAccount, 'handle' | 'key' | 'account'>; bodies: Bodies; now: number }>;

const NOTHING = new Float64Array(0);

/** Matching uids, ascending; none when it was aborted. */
export async function search(
  ground: Ground & Readonly<{ columns: MailboxColumns }>,
  criterion: Criterion,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const plan = compile(criterion, ground.now);
  if (plan === undefined) return NOTHING;
  const hunt = new Search(ground, plan, new Pace(signal));
  await hunt.overColumns(ground.columns);
  return hunt.readOn();
}

/** Of these messages those that match, in their order. What columns know (flags, keywords, modseq) is not asked here: such criteria come as `holds`. */
export async function searchEmails(
  ground: Ground,
  emails: readonly EmailId[],
  ask: Readonly<{ criterion: Criterion; signal?: AbortSignal | undefined }>,
): Promise<readonly EmailId[]> {
  const plan = compile(ask.criterion, ground.now);
  if (plan === undefined) return [];
  const hunt = new Search(ground, plan, new Pace(ask.signal));
  await hunt.overEmails(emails);
  const found: EmailId[] = [];
  for (const place of await hunt.readOn()) {
    const email = emails[place];
    if (email !== undefined) found.push(email);
  }
  return found;
}

class Search {
  readonly #ground: Ground;
  readonly #plan: Plan;
  readonly #pace: Pace;
  /** Uids that match, in no order; places in the list where messages were given as a list. */
  readonly #found: number[] = [];
  #undecided: Subject[] = [];

  constructor(ground: Ground, plan: Plan, pace: Pace) {
    this.#ground = ground;
    this.#plan = plan;
    this.#pace = pace;
  }

  /** Reads what is still undecided. */
  async readOn(): Promise<Float64Array> {
    if (this.#plan.needs.facts) await this.overFacts();
    await this.overMessages();
    return this.#pace.isAborted ? NOTHING : Float64Array.from(this.#found).sort();
  }

  /** True when the subject is decided now. */
  #decide(subject: Subject): boolean {
    const answer = this.#plan.test(subject);
    if (answer === 'yes') this.#found.push(subject.uid);
    return answer !== 'unknown';
  }

  async overColumns(columns: MailboxColumns): Promise<void> {
    let row = 0;
    while (row < columns.count && !this.#pace.isAborted) {
      const stop = Math.min(columns.count, row + ROWS_PER_LOOK);
      for (; row < stop; row++) this.#lookAtRow(columns, row);
      if (!this.#pace.isDue) continue;
      const next = (columns.uids[row - 1] ?? 0) + 1;
      await this.#pace.rest();
      // Rows may have moved meanwhile; uids do not.
      row = columns.firstRowFrom(next);
    }
  }

  async overEmails(emails: readonly EmailId[]): Promise<void> {
    for (let place = 0; place < emails.length && !this.#pace.isAborted; place++) {
      const email = emails[place] as EmailId;
      const subject: Subject = { uid: place, email, flags: 0, modseq: 0, keywords: [] };
      if (!this.#decide(subject)) this.#undecided.push(subject);
      if (place % ROWS_PER_LOOK === 0 && this.#pace.isDue) await this.#pace.rest();
    }
  }

  #lookAtRow(columns: MailboxColumns, row: number): void {
    const subject: Subject = {
      uid: columns.uids[row] ?? 0,
      email: columns.email(row),
      flags: columns.flags(row),
      modseq: columns.modseq(row),
      keywords: columns.keywords(row),
    };
    if (!this.#decide(subject)) this.#undecided.push(subject);
  }

  async overFacts(): Promise<void> {
    const left: Subject[] = [];
    for (let at = 0; at < this.#undecided.length && !this.#pace.isAborted; at += FACTS_AT_ONCE) {
      const page = this.#undecided.slice(at, at + FACTS_AT_ONCE);
      const facts = await this.#factsOf(page);
      for (const subject of page) {
        const known = facts.get(subject.email);
        // Expunged meanwhile.
        if (known === undefined) continue;
        subject.facts = known;
        if (!this.#decide(subject)) left.push(subject);
      }
      if (this.#pace.isDue) await this.#pace.rest();
    }
    this.#undecided = left;
  }

  async #factsOf(subjects: readonly Subject[]): Promise<ReadonlyMap<EmailId, Facts>> {
    const rows = await this.#ground.live.handle.read({ ask: 'emailFacts', emails: subjects.map(({ email }) => email) });
    const facts = new Map<EmailId, Facts>();
    rows.emails.forEach((email, row) => {
      const fact = { size: rows.sizes[row] ?? 0, receivedAt: rows.receivedAt[row] ?? 0, thread: rows.threads[row] ?? 0 };
      facts.set(email as EmailId, fact);
    });
    return facts;
  }

  async overMessages(): Promise<void> {
    for (let at = 0; at < this.#undecided.length && !this.#pace.isAborted; at += MESSAGES_AT_ONCE) {
      const page = this.#undecided.slice(at, at + MESSAGES_AT_ONCE);
      const rows = await this.#ground.live.handle.read({ ask: 'emails', emails: page.map(({ email }) => email) });
      const byId = new Map(rows.map((row) => [row.email, row]));
      for (let first = 0; first < page.length && !this.#pace.isAborted; first += SEARCH_READ_AHEAD) {
        const few = page.slice(first, first + SEARCH_READ_AHEAD);
        await Promise.all(few.map((subject) => this.#lookAtMessage(subject, byId.get(subject.email))));
        if (this.#pace.isDue) await this.#pace.rest();
      }
    }
  }

  async #lookAtMessage(subject: Subject, row: EmailRow | undefined): Promise<void> {
    if (row === undefined) return;
    const { live, bodies } = this.#ground;
    const meta = openMeta(live.key, live.account, row.email, row.meta);
    if (meta === undefined) return;
    const { structure } = meta;
    subject.structure = structure;
    const ask: BodyAsk = { handle: live.handle, email: row.email, key: meta.bodyKey, size: row.size };
    const read = bodies.reader(ask);
    if (this.#decide(subject)) return;
    try {
      await this.#readMore(subject, read);
    } catch (error) {
      // Expunged meanwhile: it is not found, and the search goes on.
      if (!(error instanceof MessageGone)) throw error;
    }
  }

  async #readMore(subject: Subject, read: ReadPlain): Promise<void> {
    const { structure } = subject;
    const { needs, bodyNeedles } = this.#plan;
    if (structure === undefined) return;
    if (needs.header) {
      subject.header = headerTexts(await read(0, structure.root.bodyStart));
      if (this.#decide(subject)) return;
    }
    const found = needs.body ? await findInBody({ structure, read, pace: this.#pace }, bodyNeedles) : undefined;
    if (found === undefined) return;
    subject.inBody = found;
    this.#decide(subject);
  }
}
