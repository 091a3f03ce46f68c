/** Staged messages put into mailboxes, all of them in one commit. */
import type { Placement } from '../../core/command.ts';
import type { EmailId, IdMaker, MailboxId, Uid } from '../../core/ids.ts';
import { isRefusal, refuse, type Refusal } from '../../core/refusal.ts';
import type { Box } from './box.ts';
import { addEmailCommand } from './file.ts';
import { keywordParts, type KeywordParts } from './jmap-keywords.ts';
import { speltAs, whyNotMoreKeywords } from './keywords.ts';
import { EMAILS_AT_ONCE, MAILBOXES_PER_EMAIL, STAGED_AT_ONCE } from './limits.ts';
import type { LiveAccount } from './live-account.ts';
import type { AddedEmail, EmailToAdd, Staged } from './mailboxes.ts';
import { StagedMessage, type StagingYard } from './staging.ts';

type AddEmail = ReturnType<typeof addEmailCommand>;
/** One message with all that it needs checked. */
type Ready = Readonly<{ message: StagedMessage; into: readonly Box[]; more: KeywordParts }>;
const NO_MORE: KeywordParts = { flags: 0, words: [] };

export class Filing {
  readonly #live: LiveAccount;
  readonly #ids: IdMaker;
  readonly #yard: StagingYard;

  constructor(live: LiveAccount, ids: IdMaker, yard: StagingYard) {
    this.#live = live;
    this.#ids = ids;
    this.#yard = yard;
  }

  async appendAll(
    mailbox: MailboxId,
    staged: readonly Staged[],
  ): Promise<Readonly<{ uidValidity: number; uids: readonly Uid[] }> | Refusal> {
    const box = this.#live.tree.byId(mailbox);
    if (box === undefined) return refuse('mailboxGone');
    if (staged.length > STAGED_AT_ONCE) return refuse('tooManyMessages', { limit: String(STAGED_AT_ONCE) });
    const added = await this.#add(staged.map((one) => ({ message: this.ours(one), into: [box], more: NO_MORE })));
    return isRefusal(added) ? added : { uidValidity: box.row.uidValidity, uids: added.uids };
  }

  async addEmails(emails: readonly EmailToAdd[]): Promise<readonly AddedEmail[] | Refusal> {
    if (emails.length > EMAILS_AT_ONCE) return refuse('tooManyMessages', { limit: String(EMAILS_AT_ONCE) });
    const ready: Ready[] = [];
    for (const { staged, into, keywords } of emails) {
      const boxes = this.#boxes(into);
      if (isRefusal(boxes)) return boxes;
      const more = keywordParts(keywords);
      if (isRefusal(more)) return more;
      ready.push({ message: this.ours(staged), into: boxes, more });
    }
    const added = await this.#add(ready);
    return isRefusal(added) ? added : added.commands.map(({ email, thread, size }) => ({ email, thread, size }));
  }

  /** SECURITY: a staged message of another account, or one made up, is no message. */
  ours(staged: Staged): StagedMessage {
    if (staged instanceof StagedMessage && staged.isOf(this.#yard)) return staged;
    throw new Error('this staged message is not of this account, or was appended already');
  }

  #boxes(mailboxes: readonly MailboxId[]): readonly Box[] | Refusal {
    const wanted = [...new Set(mailboxes)];
    if (wanted.length === 0) return refuse('badValue', { why: 'an email must be somewhere' });
    if (wanted.length > MAILBOXES_PER_EMAIL) return refuse('tooManyMailboxes', { limit: String(MAILBOXES_PER_EMAIL) });
    const boxes = wanted.flatMap((mailbox) => this.#live.tree.byId(mailbox) ?? []);
    return boxes.length === wanted.length ? boxes : refuse('mailboxGone');
  }

  async #add(ready: readonly Ready[]): Promise<Readonly<{ commands: readonly AddEmail[]; uids: readonly Uid[] }> | Refusal> {
    const commands = ready.map((one) => this.#command(one));
    const refused = this.#whyNotMore(commands);
    if (refused !== undefined) return refused;
    const { factsToCome } = this.#live;
    for (const { email, thread, size, receivedAt } of commands) factsToCome.set(email, { thread, size, receivedAt });
    try {
      const applied = await this.#live.write(commands);
      if (isRefusal(applied)) return applied;
      const placed = applied.results.flatMap((result) => (result.did === 'addEmail' ? result.placed : []));
      return { commands, uids: placed.map(({ uid }) => uid) };
    } finally {
      for (const { email } of commands) factsToCome.delete(email);
    }
  }

  #command({ message, into, more }: Ready): AddEmail {
    const { flags, keywords, ...staged } = message.take();
    const { account, key } = this.#live;
    return addEmailCommand({
      ...staged,
      account,
      key,
      email: this.#ids.next<EmailId>(),
      into: into.map((box): Placement => {
        const spelt = speltAs(box.columns?.keywordsInUse() ?? [], [...keywords, ...more.words]);
        return { mailbox: box.mailbox, flags: flags | more.flags, keywords: spelt };
      }),
    });
  }

  #whyNotMore(commands: readonly AddEmail[]): Refusal | undefined {
    const wanted = new Map<MailboxId, string[]>();
    for (const { into } of commands) {
      for (const { mailbox, keywords } of into) wanted.set(mailbox, [...(wanted.get(mailbox) ?? []), ...keywords]);
    }
    for (const [mailbox, keywords] of wanted) {
      const refused = whyNotMoreKeywords(this.#live.tree.byId(mailbox)?.columns?.keywordsInUse() ?? [], keywords);
      if (refused !== undefined) return refused;
    }
    return undefined;
  }
}
