/** What the house gives to JMAP. */
import type { Clock } from '../../../core/ports/clock.ts';
import type { Dice } from '../../../core/ports/dice.ts';
import type { Accounts } from '../../../service/accounts/accounts.ts';
import type { JourneyReader } from '../../../service/journey/journey.ts';
import type { Mailboxes, SealedObjects } from '../../../service/mailboxes/mailboxes.ts';
import type { Identities, SentMail } from '../../../service/submissions/submissions.ts';
import type { Pushes } from '../push/pushes.ts';

export type JmapHost = Readonly<{
  accounts: Accounts;
  mailboxes: Mailboxes;
  reader: JourneyReader;
  /** Of mailboxes. */
  orders: SealedObjects;
  identities: Identities;
  sentMail: SentMail;
  clock: Clock;
  dice: Dice;
  /** Absent where nothing is pushed to other servers. */
  pushes?: Pushes;
  /** Octets of a message. */
  messageLimit: number;
  /** Passwords may come over a line in clear: only where the operator said so, or nobody is between (loopback). */
  allowsPlaintext: boolean;
  onTrouble(incident: string, trouble: unknown): void;
}>;
