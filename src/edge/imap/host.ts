/** What the IMAP server is given by those who build the house (app/wire.ts). */
import type { Clock } from '../../core/ports/clock.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { Accounts } from '../../service/accounts/accounts.ts';
import type { Mailboxes } from '../../service/mailboxes/mailboxes.ts';
import type { TlsOffer } from '../net/tls-session.ts';

export type ImapHost = Readonly<{
  accounts: Pick<Accounts, 'signIn'>;
  mailboxes: Mailboxes;
  clock: Clock;
  dice: Dice;
  /** For STARTTLS; undefined where it is not offered. */
  tls: TlsOffer | undefined;
  /** SECURITY: passwords may pass in clear. Only for listeners on loopback, as benches use. */
  allowsPlaintext: boolean;
  /** Octets of the largest message APPEND may bring (RFC 7889). */
  messageLimit: number;
  /** Broken machinery or a bug, under the incident number the client was told. */
  onTrouble(incident: string, trouble: unknown): void;
}>;

/** What ID tells (RFC 2971). */
export const SERVER_NAME = 'Eigenpost';
