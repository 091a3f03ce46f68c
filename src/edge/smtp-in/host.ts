/** What the SMTP server is given by those who build the house (app/wire.ts). */
import type { Dice } from '../../core/ports/dice.ts';
import type { SignIn } from '../../service/accounts/accounts.ts';
import type { Doorkeeper } from '../../service/pipeline/transaction.ts';
import type { TlsOffer } from '../net/tls-session.ts';

export type SmtpHost = Readonly<{
  doorkeeper: Doorkeeper;
  signIn: SignIn;
  dice: Dice;
  /** For STARTTLS; undefined where it is not offered. */
  tls: TlsOffer | undefined;
  /** SECURITY: passwords may pass in clear. Only for listeners on loopback, as benches use. */
  allowsPlaintext?: boolean;
  /** Broken machinery or a bug, under the incident number the client was told; `dialogue` is what was said, secrets masked. */
  onTrouble(incident: string, trouble: unknown, dialogue: readonly string[]): void;
}>;
