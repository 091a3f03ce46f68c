/** Sending, for tests of JMAP: the road, the queue, and an outside that says what the test wants. */
import type { FakeClock } from '../../../adapter/memory/clock.ts';
import type { IdMaker } from '../../../core/ids.ts';
import type { Courier, Errand, Fate } from '../../../core/ports/courier.ts';
import type { Dice } from '../../../core/ports/dice.ts';
import type { KeyMaker } from '../../../core/ports/key-maker.ts';
import type { Store } from '../../../core/ports/store.ts';
import type { Accounts } from '../../../service/accounts/accounts.ts';
import { type JourneyReader, openJournal } from '../../../service/journey/journey.ts';
import type { Mailboxes } from '../../../service/mailboxes/mailboxes.ts';
import { Pipeline } from '../../../service/pipeline/pipeline.ts';
import { Queue } from '../../../service/queue/queue.ts';
import { ObjectShelf, SentMail } from '../../../service/submissions/submissions.ts';

export type Outside = {
  /** What becomes of mail for an address. */
  fate(address: string): Fate;
  readonly letters: Readonly<{ from: string; to: readonly string[]; content: string; envelope: Errand['envelope'] }>[];
};

export type Post = Readonly<{ queue: Queue; pipeline: Pipeline; sentMail: SentMail; outside: Outside; close(): Promise<void> }>;

type Ground = Readonly<{
  store: Store;
  keys: KeyMaker;
  clock: FakeClock;
  dice: Dice;
  ids: IdMaker;
  accounts: Accounts;
  mailboxes: Mailboxes;
  reader: JourneyReader;
  messageLimit: number;
  onTrouble(trouble: unknown): void;
}>;

const TAKEN: Fate = {
  fate: 'sent',
  host: 'mx.far.example',
  reply: { code: 250, enhanced: '2.0.0', lines: ['250-2.0.0 thank', '250 2.0.0 you'] },
  tls: null,
};

export function openPost({ keys, messageLimit, ...ground }: Ground): Post {
  const { store, accounts, mailboxes, reader, ids, clock } = ground;
  const journal = openJournal({ keyring: keys, ids });
  const outside: Outside = { fate: () => TAKEN, letters: [] };
  const queue: Queue = new Queue({
    ...ground,
    store: store.queue,
    courier: courierTo(outside),
    keyring: keys,
    journal,
    worker: 'test',
    route: (domain) => {
      const isOurs = accounts.domains().some(({ name }) => name === domain);
      return isOurs ? { via: 'here', arrive: (mail) => pipeline.arrive(mail) } : { via: 'mx', domain };
    },
    report: async (_job, verdicts) => verdicts,
  });
  const pipeline: Pipeline = new Pipeline({
    ...ground,
    keyring: keys,
    journal,
    queue,
    hostName: 'mail.school.example',
    sizeLimit: messageLimit,
    inboxOf: (account) => mailboxes.placeFor(account, 'inbox'),
    onAccepted: () => undefined,
  });
  const shelf = new ObjectShelf<never>({ store, keyring: keys }, 'submission');
  const onChange: Store['onChange'] = (listener) => store.onChange(listener);
  const sentMail = new SentMail({ shelf, door: pipeline, queue, reader, ids, clock, onChange, onTrouble: ground.onTrouble });
  return { queue, pipeline, sentMail, outside, close: () => queue.stop(0) };
}

function courierTo(outside: Outside): Courier {
  return {
    async deliver({ envelope, content }) {
      const octets: Uint8Array[] = [];
      const given = content();
      if (given instanceof Uint8Array) octets.push(given);
      else for await (const piece of given) octets.push(piece);
      const to = envelope.recipients.map(({ address }) => address);
      outside.letters.push({ from: envelope.from, to, content: Buffer.concat(octets).toString(), envelope });
      return { attempts: [], fates: to.map((address) => outside.fate(address)) };
    },
    close: async () => undefined,
  };
}
