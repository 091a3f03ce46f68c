/** Answers from a connection of its own that only reads: no answer waits for a flush. */
import type { DatabaseSync } from 'node:sqlite';
import type { StepRow } from '../../core/command.ts';
import type { AccountId, OwnerId, UploadId } from '../../core/ids.ts';
import type { Answers, EntryColumns, Query } from '../../core/ports/store.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Ask } from './asks.ts';
import type { BodyReader, Place } from './bodies.ts';
import { JourneyAges } from './journey-ages.ts';
import { ReadAccounts } from './read/accounts.ts';
import { ReadDirectory } from './read/directory.ts';
import { ReadEmails } from './read/emails.ts';
import { ReadJourneys } from './read/journeys.ts';
import { ReadQueue } from './read/queue.ts';
import { ReadUploads } from './read/uploads.ts';
import { packSteps, type StepColumns } from './step-columns.ts';
import { Upkeep } from './upkeep.ts';

const noEntries = (): EntryColumns => ({
  uids: new Float64Array(),
  flags: new Uint8Array(),
  modseqs: new Float64Array(),
  emails: new Float64Array(),
  keywords: new Map(),
});

/** The pack was rewritten since the snapshot was taken: a new snapshot knows where the body is now. */
export class BodyMoved extends Error {}

export class Reader {
  readonly #bodies: BodyReader;
  readonly #accounts: ReadAccounts;
  readonly #emails: ReadEmails;
  readonly #uploads: ReadUploads;
  readonly #journeys: ReadJourneys;
  readonly #queue: ReadQueue;
  readonly #directory: ReadDirectory;
  readonly #upkeep: Upkeep;
  readonly #journeyAges: JourneyAges;

  constructor(database: DatabaseSync, bodies: BodyReader) {
    this.#bodies = bodies;
    this.#accounts = new ReadAccounts(database);
    this.#emails = new ReadEmails(database);
    this.#uploads = new ReadUploads(database);
    this.#journeys = new ReadJourneys(database);
    this.#queue = new ReadQueue(database);
    this.#directory = new ReadDirectory(database);
    this.#upkeep = new Upkeep(database, bodies);
    this.#journeyAges = new JourneyAges(database);
  }

  answer(ask: Exclude<Ask, { ask: 'close' }>): unknown {
    switch (ask.ask) {
      case 'query':
        return this.#query(ask.owner, ask.query);
      case 'changes':
        return this.#accounts.changes(ask);
      case 'emailBody':
        return this.#accounts.isOpen(ask.account) ? this.#body(() => this.#emails.body(ask.account, ask.email), ask) : undefined;
      case 'uploadBody':
        return this.#accounts.isOpen(ask.account) ? this.#body(() => this.#uploadBody(ask.account, ask.upload), ask) : undefined;
      case 'queueBody':
        return this.#body(() => this.#queueBody(ask.queue), ask);
      case 'nextDue':
        return this.#queue.nextDue();
      case 'queueList':
        return this.#queue.list(ask);
      case 'queueItem':
        return this.#queue.item(ask.item);
      case 'queueCounts':
        return this.#queue.counts(ask.now);
      case 'directory':
        return this.#directory.load();
      case 'keys':
        return this.#directory.keys();
      case 'forgetPack':
        return this.#bodies.forget(ask.pack);
      case 'prunable':
        return this.#upkeep.prunable(ask);
      case 'journeyOwners':
        return this.#journeyAges.owners(ask.after);
      case 'oldSteps':
        return this.#journeyAges.old(ask.owners);
      case 'wasteful':
        return this.#upkeep.wasteful();
      default:
        return unreachable(ask);
    }
  }

  #query(owner: OwnerId, query: Query): Exclude<Answers[Query['ask']], readonly StepRow[]> | StepColumns {
    if (query.ask === 'journeys') return packSteps(this.#journeys.list(owner, query));
    if (query.ask === 'journey') return packSteps(this.#journeys.one(owner, query.journey));
    const account = owner as AccountId;
    const isOpen = this.#accounts.isOpen(account);
    switch (query.ask) {
      case 'account':
        return this.#accounts.row(account);
      case 'mailboxes':
        return isOpen ? this.#accounts.mailboxes(account) : [];
      case 'entries':
        return isOpen ? this.#emails.entries(account, query.mailbox, query.since) : noEntries();
      case 'vanished':
        return this.#accounts.vanished(account, query);
      case 'emails':
        return this.#emails.emails(account, isOpen ? query.emails : []);
      case 'emailFacts':
        return this.#emails.facts(account, isOpen ? query.emails : []);
      case 'placesOf':
        return isOpen ? this.#emails.placesOf(account, query.email) : [];
      case 'objects':
        return isOpen ? this.#accounts.objects(account, query.object) : [];
      case 'upload':
        return isOpen ? this.#uploads.one(account, query.upload) : undefined;
      default:
        return unreachable(query);
    }
  }

  #uploadBody(account: AccountId, upload: UploadId): Place | undefined {
    const row = this.#uploads.one(account, upload);
    return row === undefined ? undefined : this.#emails.place(row.blob);
  }

  #queueBody(queue: Parameters<ReadQueue['blob']>[0]): Place | undefined {
    const blob = this.#queue.blob(queue);
    return blob === undefined ? undefined : this.#emails.place(blob);
  }

  #body(find: () => Place | undefined, { from, to }: Readonly<{ from: number; to: number }>): Uint8Array | undefined {
    const place = find();
    if (place === undefined) return undefined;
    const bytes = this.#bodies.read(place, from, to);
    if (bytes === undefined) throw new BodyMoved(`pack ${place.pack} is gone`);
    return bytes;
  }
}
