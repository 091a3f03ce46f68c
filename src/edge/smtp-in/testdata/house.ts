/** For tests: a house behind the SMTP edge that keeps what it is given in memory and does as it is told. */
import { scramKeysOf } from '../../../codec/sasl/scram-keys.ts';
import type { EnvelopeRecipient } from '../../../core/envelope.ts';
import type { AccountId, JourneyId, OrganisationId } from '../../../core/ids.ts';
import { type Refusal, refuse } from '../../../core/refusal.ts';
import type { SignedIn, SignIn } from '../../../service/accounts/accounts.ts';
import type { Caller, Doorkeeper, Incoming, SenderAsk, Transaction } from '../../../service/pipeline/transaction.ts';
import { FakeHold } from '../../net/testdata/fake-hold.ts';
import type { TlsOffer } from '../../net/tls-session.ts';
import type { SmtpHost } from '../host.ts';

export type Taken = { caller: Caller; ask: SenderAsk; recipients: EnvelopeRecipient[]; content: string; fate: string };

/** Where a test steps in; what is not given is a plain yes. */
export type Wishes = Readonly<{
  begin?(ask: SenderAsk): Refusal | undefined | Promise<Refusal | undefined>;
  recipient?(recipient: EnvelopeRecipient): Refusal | undefined | Promise<Refusal | undefined>;
  content?(): void;
  write?(bytes: Uint8Array): void | Promise<void>;
  finish?(): Refusal | undefined | Promise<Refusal | undefined>;
}>;

export const PERSON: SignedIn = {
  person: {
    account: 1 as AccountId,
    organisation: 2 as OrganisationId,
    address: 'noor@here.example',
    name: 'Noor',
    language: 'nl',
    state: 'open',
    quota: 0,
    admin: false,
    createdAt: 0,
  },
  credential: { kind: 'password' },
};
export const PASSWORD = 'correct horse battery';

export class House {
  readonly taken: Taken[] = [];
  readonly troubles: { incident: string; trouble: unknown; dialogue: readonly string[] }[] = [];
  readonly host: SmtpHost;
  /** What PERSON signs in with. */
  readonly hold = new FakeHold();
  wishes: Wishes = {};
  #count = 0;

  constructor(tls?: TlsOffer, sizeLimit = 1_000_000) {
    let dice = 0;
    const doorkeeper: Doorkeeper = {
      sizeLimit,
      hostName: 'mx.here.example',
      begin: (_origin, caller, ask) => later(this.wishes.begin?.(ask), () => this.#transaction(caller, ask)),
    };
    this.host = {
      doorkeeper,
      signIn: signInWith(this.hold),
      dice: { bytes: (count) => new Uint8Array(count).fill(++dice) },
      tls,
      onTrouble: (incident, trouble, dialogue) => void this.troubles.push({ incident, trouble, dialogue }),
    };
  }

  #transaction(caller: Caller, ask: SenderAsk): Transaction {
    const mail: Taken = { caller, ask, recipients: [], content: '', fate: 'begun' };
    this.taken.push(mail);
    return {
      journey: `journey${++this.#count}` as JourneyId,
      recipient: (recipient) =>
        later(this.wishes.recipient?.(recipient), () => {
          mail.recipients.push(recipient);
          return undefined;
        }),
      content: () => this.#incoming(mail, `journey${this.#count}` as JourneyId),
      abandon: () => {
        mail.fate = 'abandoned';
      },
    };
  }

  #incoming(mail: Taken, journey: JourneyId): Incoming {
    this.wishes.content?.();
    mail.fate = 'receiving';
    return {
      write: (bytes) => {
        if (mail.content.length < 10_000) mail.content += Buffer.from(bytes).toString('latin1');
        return this.wishes.write?.(bytes);
      },
      finish: async () => {
        const no = await this.wishes.finish?.();
        mail.fate = no === undefined ? 'taken' : `refused ${no.refusal}`;
        return no ?? { accepted: mail.recipients.length, journey, filed: mail.recipients.length, queued: [] };
      },
      abort: (refusal) => {
        mail.fate = `aborted ${refusal?.refusal ?? ''}`.trim();
      },
    };
  }
}

function later<T>(no: Refusal | undefined | Promise<Refusal | undefined>, yes: () => T): T | Refusal | Promise<T | Refusal> {
  return no instanceof Promise ? no.then((refusal) => refusal ?? yes()) : (no ?? yes());
}

const SALT = Buffer.from('0123456789abcdef');
const signInWith = (hold: FakeHold): SignIn => ({
  async withPassword(login, password, attempt) {
    await Promise.resolve();
    if (attempt.protocol !== 'smtp' || attempt.ip !== '127.0.0.1') throw new Error('the attempt is not described');
    return login === 'noor' && password === PASSWORD ? { ...PERSON, hold } : refuse('wrongPassword');
  },
  scram(login) {
    const keys = scramKeysOf(PASSWORD, SALT, 4_096);
    if (!keys.ok) throw new Error(keys.why);
    const credentials = login === 'noor' ? [keys.value] : [];
    const finish = (index: number | undefined) => (index === 0 ? { ...PERSON, hold } : refuse('wrongPassword'));
    return { salt: SALT, iterations: 4_096, credentials, finish };
  },
});
