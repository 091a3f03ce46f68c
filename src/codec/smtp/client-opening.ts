/**
 * The opening of a client's connection, up to where messages may be sent:
 * greeting, EHLO or HELO, STARTTLS and EHLO again, AUTH. Replies in, the next
 * step out.
 */
import { unreachable } from '../../lib/unreachable.ts';
import type { ClientStage, Trouble } from './client-message.ts';
import { NO_OFFERS, type Offers, readOffers } from './client-offers.ts';
import { isPositive, type Reply } from './reply.ts';

export type ClientOptions = Readonly<{
  /** Our host name or address literal, for EHLO. */
  name: string;
  /** Use STARTTLS: never, where it is offered, or not go on without it. */
  startTls: 'never' | 'offered' | 'required';
  /** The connection is already inside TLS. */
  isSecure?: boolean;
  auth?: Readonly<{ user: string; password: string }>;
}>;

export type OpeningAwaited = 'greeting' | 'ehlo' | 'helo' | 'starttls' | 'auth';

export type OpeningStep =
  /** `shown` stands in the dialogue where the line is a secret. */
  | Readonly<{ next: 'say'; line: string; awaited: OpeningAwaited; shown?: string }>
  | Readonly<{ next: 'handshake' }>
  | Readonly<{ next: 'ready' }>
  | Readonly<{ next: 'giveUp'; stage: ClientStage; reply: Reply | null; trouble: Trouble | null }>;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const SECRET = '***';

export class ClientOpening {
  readonly #options: ClientOptions;
  #isSecure: boolean;
  /** What is left to say to the challenges of AUTH. */
  #responses: string[] = [];
  offers: Offers = NO_OFFERS;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#isSecure = options.isSecure ?? false;
  }

  answer(awaited: OpeningAwaited, reply: Reply): OpeningStep {
    switch (awaited) {
      case 'greeting':
        return reply.code === 220 ? this.#hello() : giveUp('greeting', reply);
      case 'ehlo':
        return this.#onEhlo(reply);
      case 'helo':
        return isPositive(reply) ? this.#greeted() : giveUp('ehlo', reply);
      case 'starttls':
        return this.#onStartTls(reply);
      case 'auth':
        return this.#onAuth(reply);
      default:
        return unreachable(awaited);
    }
  }

  /** RFC 3207 §4.2: all that was said before the handshake is forgotten. */
  afterHandshake(): OpeningStep {
    this.#isSecure = true;
    this.offers = NO_OFFERS;
    return this.#hello();
  }

  #hello(): OpeningStep {
    return { next: 'say', line: `EHLO ${this.#options.name}`, awaited: 'ehlo' };
  }

  #onEhlo(reply: Reply): OpeningStep {
    if (isPositive(reply)) {
      this.offers = readOffers(reply);
      return this.#greeted();
    }
    // RFC 5321 §3.2: a server that does not know EHLO may know HELO; then nothing is offered, TLS least of all.
    if (reply.code >= 500 && !this.#isSecure) return { next: 'say', line: `HELO ${this.#options.name}`, awaited: 'helo' };
    return giveUp('ehlo', reply);
  }

  #greeted(): OpeningStep {
    const { startTls, auth } = this.#options;
    if (!this.#isSecure && startTls !== 'never' && this.offers.startTls) return { next: 'say', line: 'STARTTLS', awaited: 'starttls' };
    if (!this.#isSecure && this.#mustBeSecure()) return giveUp('starttls', null, 'noTls');
    return auth === undefined ? { next: 'ready' } : this.#authenticate(auth);
  }

  /** SECURITY: a password is said in clear only where the owner turned TLS off for this route. */
  #mustBeSecure(): boolean {
    const { startTls, auth } = this.#options;
    return startTls === 'required' || (startTls === 'offered' && auth !== undefined);
  }

  #onStartTls(reply: Reply): OpeningStep {
    if (reply.code === 220) return { next: 'handshake' };
    return this.#mustBeSecure() ? giveUp('starttls', reply) : { next: 'ready' };
  }

  #authenticate({ user, password }: { user: string; password: string }): OpeningStep {
    if (this.offers.auth.has('PLAIN')) {
      // RFC 4616 §2; said again where a server does not take it with the command (RFC 4954 §4).
      const response = base64(`\0${user}\0${password}`);
      this.#responses = [response];
      return { next: 'say', line: `AUTH PLAIN ${response}`, awaited: 'auth', shown: `AUTH PLAIN ${SECRET}` };
    }
    // QUIRK: some large providers offer only LOGIN, a mechanism that never became a standard.
    if (!this.offers.auth.has('LOGIN')) return giveUp('auth', null, 'noAuth');
    this.#responses = [base64(user), base64(password)];
    return { next: 'say', line: 'AUTH LOGIN', awaited: 'auth' };
  }

  #onAuth(reply: Reply): OpeningStep {
    if (isPositive(reply)) return { next: 'ready' };
    if (reply.code >= 400) return giveUp('auth', reply);
    const response = reply.code === 334 ? this.#responses.shift() : undefined;
    if (response === undefined) return giveUp('auth', null, 'badReply');
    return { next: 'say', line: response, awaited: 'auth', shown: SECRET };
  }
}

const giveUp = (stage: ClientStage, reply: Reply | null, trouble: Trouble | null = null): OpeningStep => ({
  next: 'giveUp',
  stage,
  reply,
  trouble,
});
