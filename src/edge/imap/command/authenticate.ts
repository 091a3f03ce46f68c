/** AUTHENTICATE (RFC 9051 §6.2.2, RFC 4959): carries a SASL exchange between the client and the door of accounts. */
import { type Authenticate, readAuthenticate, readAuthenticateLine } from '../../../codec/imap/command/authenticate.ts';
import type { SaslAction, SaslContext, SaslExchange } from '../../../codec/sasl/exchange.ts';
import { beginSasl, mechanismNames } from '../../../codec/sasl/mechanism.ts';
import { isRefusal, type Refusal, refuse } from '../../../core/refusal.ts';
import type { Admission, Attempt, ScramOffer } from '../../../service/accounts/accounts.ts';
import { type Answer, bad, no } from '../answer.ts';
import type { Client } from '../client.ts';
import { phraseRefusal } from '../phrases.ts';
import { row } from '../row.ts';
import { tlsFirst, welcome } from './login.ts';

/** Lines of one exchange; the longest mechanism needs three. */
const ROUND_LIMIT = 8;
/** Random octets in our part of a nonce. */
const NONCE_OCTETS = 18;

export const authenticate = row({
  name: 'AUTHENTICATE',
  when: 'stranger',
  read: readAuthenticate,
  capabilities(client) {
    if (client.isSignedIn) return [];
    // SECURITY: before TLS no mechanism is offered at all (RFC 9051 §11.7).
    const mechanisms = client.maySignIn ? mechanismNames(bindingOf(client)) : [];
    return ['SASL-IR', ...mechanisms.map((name) => `AUTH=${name}`)];
  },
  run: (client, asked) => (client.maySignIn ? run(client, asked) : tlsFirst()),
});

async function run(client: Client, { mechanism, initial }: Authenticate): Promise<Answer> {
  const nonce = Buffer.from(client.host.dice.bytes(NONCE_OCTETS)).toString('base64');
  const exchange = beginSasl(mechanism, { nonce, channelBinding: bindingOf(client) });
  if (exchange === undefined) return no('We do not speak that mechanism', 'CANNOT');
  const result = await converse(client, exchange, initial);
  if (isRefusal(result)) return phraseRefusal(result);
  return 'status' in result ? result : welcome(client, result);
}

function bindingOf(client: Client): SaslContext['channelBinding'] {
  return (type) => client.wire.channelBinding(type);
}

async function converse(client: Client, exchange: SaslExchange, initial: Buffer | undefined): Promise<Admission | Refusal | Answer> {
  const attempt: Attempt = { protocol: 'imap', ip: client.wire.ip };
  const { signIn } = client.host.accounts;
  let offer: ScramOffer | undefined;
  let action = exchange.receive(initial);
  for (let round = 0; round < ROUND_LIMIT; round++) {
    if ('actAs' in action && action.actAs !== undefined) return no('Nobody may sign in for somebody else', 'AUTHORIZATIONFAILED');
    switch (action.do) {
      case 'checkPassword':
        return signIn.withPassword(action.login, action.password, attempt);
      case 'needScram': {
        const offered = signIn.scram(action.login, attempt);
        if (isRefusal(offered)) return offered;
        offer = offered;
        action = exchange.supply(offered);
        break;
      }
      case 'proved':
        return offer?.finish(action.credential) ?? refuse('wrongPassword');
      case 'failed':
        return failure(action, offer);
      case 'challenge': {
        const response = await ask(client, action.data);
        if ('status' in response) return response;
        action = exchange.receive(response);
      }
    }
  }
  return bad('That exchange has no end');
}

/** SECURITY: what went wrong is not told in detail (RFC 9051 §11.7), but a wrong proof counts as a wrong password. */
function failure({ why }: Extract<SaslAction, { do: 'failed' }>, offer: ScramOffer | undefined): Admission | Refusal | Answer {
  if (why === 'malformed') return bad('That is not what the mechanism prescribes');
  return offer?.finish(undefined) ?? refuse('wrongPassword', { why });
}

async function ask(client: Client, data: Buffer): Promise<Buffer | Answer> {
  const line = await client.wire.ask(data.toString('base64'));
  const response = line === undefined ? 'cancelled' : readAuthenticateLine(line);
  if (response === 'cancelled') return bad('Called off');
  return response ?? bad('That is not base64');
}
