/**
 * Results of Email/query, for who pages through them or comes back: good while
 * the account is as it was. Bounded in accounts and in ids; the oldest goes.
 */
import type { EmailId } from '../../../core/ids.ts';
import type { MailAccount, MailIndex } from '../../../service/mailboxes/mailboxes.ts';
import { type EmailQueryAsk, emailResults } from './email-results.ts';
import { stateText } from './standard-changes.ts';

/** Ids (8 octets each) kept in all. */
const IDS_KEPT = 1_000_000;
/** Results kept, small ones too. */
const RESULTS_KEPT = 1_000;
/** Characters of a query that is remembered; longer ones are nobody's folder list. */
const KEY_LIMIT = 2_000;

type Kept = Readonly<{ state: string; ids: readonly EmailId[] }>;

export class QueryCache {
  readonly #kept = new Map<string, Kept>();
  #ids = 0;

  async results(
    mail: MailAccount,
    index: MailIndex,
    { ask, key }: Readonly<{ ask: EmailQueryAsk; key: string }>,
  ): Promise<readonly EmailId[]> {
    const state = stateText(index.state);
    const name = `${mail.account} ${key}`;
    const known = this.#kept.get(name);
    if (known?.state === state) return known.ids;
    const ids = await emailResults(mail, index, ask);
    // What came in while we searched is not in it.
    if (name.length <= KEY_LIMIT && stateText(index.state) === state) this.#keep(name, { state, ids });
    return ids;
  }

  #keep(name: string, kept: Kept): void {
    this.#drop(name);
    this.#kept.set(name, kept);
    this.#ids += kept.ids.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#ids <= IDS_KEPT && this.#kept.size <= RESULTS_KEPT) break;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    this.#ids -= this.#kept.get(name)?.ids.length ?? 0;
    this.#kept.delete(name);
  }
}
