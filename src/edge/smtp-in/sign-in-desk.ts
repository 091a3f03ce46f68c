/** Signing in over SMTP (RFC 4954): carries a SASL exchange between the client and service/accounts. */
import type { SaslAction, SaslExchange } from '../../codec/sasl/exchange.ts';
import { beginSasl } from '../../codec/sasl/mechanism.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Admission, ScramOffer, SignedIn } from '../../service/accounts/accounts.ts';
import type { Connection } from '../net/connection.ts';
import { type Answer, accept, after, type Later, refusal } from './answer.ts';
import type { SmtpHost } from './host.ts';
import { phrase } from './phrases.ts';

/** Random octets of the server's nonce (RFC 5802 §5.1). */
const NONCE_BYTES = 18;
const MALFORMED = { code: 501, text: '5.5.2 That is not how this mechanism goes' };
const NO_MECHANISM = { code: 504, text: '5.5.4 That mechanism is not offered here' };

export class SignInDesk {
  signedIn: SignedIn | null = null;
  readonly #host: SmtpHost;
  readonly #connection: Connection;
  readonly #onLost: (why: Refusal) => void;
  #letGo: (() => void) | undefined;
  #exchange: SaslExchange | undefined;
  #scram: ScramOffer | undefined;
  #isClosed = false;

  /** @param onLost what whoever signed in stood on was taken away */
  constructor(host: SmtpHost, connection: Connection, onLost: (why: Refusal) => void) {
    this.#host = host;
    this.#connection = connection;
    this.#onLost = onLost;
  }

  begin(mechanism: string, initial: Buffer | undefined): Later<Answer> {
    this.forget();
    this.#exchange = beginSasl(mechanism, {
      nonce: Buffer.from(this.#host.dice.bytes(NONCE_BYTES)).toString('base64'),
      channelBinding: (type) => this.#connection.tls?.channelBinding(type),
    });
    if (this.#exchange === undefined) return refusal(NO_MECHANISM);
    return this.#obey(this.#exchange, this.#exchange.receive(initial));
  }

  respond(response: Buffer): Later<Answer> {
    if (this.#exchange === undefined) throw new Error('nobody is signing in');
    return this.#obey(this.#exchange, this.#exchange.receive(response));
  }

  forget(): void {
    this.#exchange = undefined;
    this.#scram = undefined;
  }

  /** The connection is gone. */
  close(): void {
    this.#isClosed = true;
    this.#letGo?.();
    this.forget();
  }

  #obey(exchange: SaslExchange, action: SaslAction): Later<Answer> {
    switch (action.do) {
      case 'challenge':
        return { do: 'challenge', data: action.data };
      case 'checkPassword':
        // Nobody acts for another here: who may send as whom is decided at MAIL and From.
        if (action.actAs !== undefined) return this.#ended(refuse('wrongPassword', { why: 'actAs' }));
        return after(this.#host.signIn.withPassword(action.login, action.password, this.#attempt()), (outcome) => this.#ended(outcome));
      case 'needScram':
        return this.#offerScram(exchange, action.login, action.actAs);
      case 'proved':
        return this.#ended(this.#finishScram(action.credential));
      case 'failed':
        return this.#failed(action.why === 'malformed');
      default:
        return unreachable(action);
    }
  }

  #offerScram(exchange: SaslExchange, login: string, actAs: string | undefined): Later<Answer> {
    if (actAs !== undefined) return this.#ended(refuse('wrongPassword', { why: 'actAs' }));
    const offer = this.#host.signIn.scram(login, this.#attempt());
    if (isRefusal(offer)) return this.#ended(offer);
    this.#scram = offer;
    return this.#obey(exchange, exchange.supply(offer));
  }

  /** SECURITY: a SCRAM exchange that got as far as the salt counts as a guess however it fails. */
  #failed(isMalformed: boolean): Answer {
    const outcome = this.#scram === undefined ? undefined : this.#finishScram(undefined);
    if (isMalformed) {
      this.forget();
      return refusal(MALFORMED);
    }
    return this.#ended(isRefusal(outcome) ? outcome : refuse('wrongPassword'));
  }

  #finishScram(credential: number | undefined): Admission | Refusal {
    const offer = this.#scram;
    if (offer === undefined) throw new Error('there was no SCRAM exchange');
    this.#scram = undefined;
    return offer.finish(credential);
  }

  #ended(outcome: Admission | Refusal): Answer {
    this.forget();
    if (isRefusal(outcome)) return refusal(phrase(outcome));
    this.signedIn = outcome;
    // The peer may have left while its password was looked at: then there is nothing to end.
    if (!this.#isClosed) this.#letGo = outcome.hold.watch(this.#onLost);
    return accept();
  }

  #attempt(): { protocol: 'smtp'; ip: string } {
    return { protocol: 'smtp', ip: this.#connection.remote.ip };
  }
}
