/** One method call while it is answered: whose it is, what it may open, and what ids were made before it. */
import { invalid, MethodError } from '../../../codec/jmap/error.ts';
import { numberOf } from '../../../codec/jmap/ids.ts';
import { isText, type JsonObject, member } from '../../../codec/jmap/json.ts';
import type { JmapRequest } from '../../../codec/jmap/request.ts';
import type { AccountId } from '../../../core/ids.ts';
import type { SignedIn } from '../../../service/accounts/accounts.ts';
import type { MailAccount } from '../../../service/mailboxes/mailboxes.ts';
import type { Line } from '../server.ts';
import type { JmapHost } from './host.ts';
import type { QueryCache } from './query-cache.ts';

/** Ids that one request may give names to. */
const CREATED_LIMIT = 10_000;

/** What a request stands on. */
export type Asking = Readonly<{ host: JmapHost; signedIn: SignedIn; queries: QueryCache; line: Line }>;
/** Answers a call that follows from another one (RFC 8621 §7.5): its name, or `error`, and arguments. */
export type Perform = (name: string, args: JsonObject, call: Call) => Promise<readonly [name: string, args: JsonObject]>;

export class Call {
  readonly host: JmapHost;
  readonly signedIn: SignedIn;
  readonly queries: QueryCache;
  readonly line: Line;
  /** Capabilities of the request. */
  readonly using: readonly string[];
  /** Creation ids of this request and what became of them (RFC 8620 §3.3). */
  readonly createdIds: Map<string, string>;
  readonly #perform: Perform;
  readonly #open: Promise<MailAccount>[] = [];

  constructor(
    { host, signedIn, queries, line, perform }: Asking & Readonly<{ perform: Perform }>,
    { using, createdIds = {} }: Pick<JmapRequest, 'using' | 'createdIds'>,
  ) {
    this.using = using;
    this.host = host;
    this.signedIn = signedIn;
    this.queries = queries;
    this.line = line;
    this.#perform = perform;
    this.createdIds = new Map(Object.entries(createdIds));
  }

  get person(): SignedIn['person'] {
    return this.signedIn.person;
  }

  /** SECURITY: an account that is not the caller's is one that does not exist. */
  accountId(args: JsonObject, name: 'accountId' | 'fromAccountId' = 'accountId'): AccountId {
    const id = member(args, name);
    if (!isText(id)) throw invalid(`"${name}" is missing or no string`);
    if (numberOf('account', id) !== this.person.account)
      throw new MethodError(name === 'accountId' ? 'accountNotFound' : 'fromAccountNotFound');
    return this.person.account;
  }

  /** The mail of the account that the call names; closed with the request. */
  mail(args: JsonObject, name: 'accountId' | 'fromAccountId' = 'accountId'): Promise<MailAccount> {
    const opening = this.host.mailboxes.open(this.accountId(args, name));
    this.#open.push(opening);
    return opening;
  }

  /** Answers a call that this one brings with it. */
  perform(name: string, args: JsonObject): Promise<readonly [name: string, args: JsonObject]> {
    return this.#perform(name, args, this);
  }

  created(creationId: string, id: string): void {
    if (this.createdIds.size < CREATED_LIMIT) this.createdIds.set(creationId, id);
  }

  /** What an id means: `#k1` is what was made as `k1`; undefined when nothing was. */
  idMeant(id: string): string | undefined {
    return id.startsWith('#') ? this.createdIds.get(id.slice(1)) : id;
  }

  async close(): Promise<void> {
    for (const opened of await Promise.allSettled(this.#open)) if (opened.status === 'fulfilled') opened.value.close();
  }
}
