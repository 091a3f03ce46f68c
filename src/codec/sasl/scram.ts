/**
 * SCRAM-SHA-256 and SCRAM-SHA-256-PLUS, the server's side (RFC 5802, RFC 7677,
 * RFC 9266): the client proves that it knows the password without sending it,
 * and learns that we know it too. An account's passwords share one salt, so a
 * proof is tried on each of them.
 */
import { isUtf8 } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import {
  challenge,
  DEFAULT_BINDING,
  failed,
  LOGIN_OCTETS,
  type SaslAction,
  type SaslContext,
  type SaslExchange,
  type ScramCredentials,
} from './exchange.ts';
import { saslPrep } from './saslprep.ts';
import { hmac, SCRAM_KEY_BYTES, sha256 } from './scram-keys.ts';

/** Characters of the client's part of the nonce; clients send 24 to 64. */
const NONCE_LENGTH = 256;
/** Passwords of one account a proof is tried on: a few microseconds each. */
const CREDENTIALS_TRIED = 256;
/** RFC 5802 §7 "printable": ASCII without the comma. */
const NONCE = /^[!-+\--~]+$/;
const BINDING_NAME = /^[A-Za-z0-9.-]+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The client's first message, taken apart. */
type First = Readonly<{
  /** 'n,,' and the like, as received: it comes back in the final message. */
  gs2Header: string;
  /** 'n': knows no channel binding. 'y': knows it, thinks we do not. 'p': uses it. */
  flag: 'n' | 'y' | 'p';
  bindingType: string;
  actAs: string | undefined;
  login: string;
  nonce: string;
  /** What is signed of it. */
  bare: string;
}>;

type State =
  | Readonly<{ at: 'first' }>
  | Readonly<{ at: 'credentials'; first: First; binding: Buffer }>
  | Readonly<{ at: 'final'; first: First; binding: Buffer; serverFirst: string; credentials: ScramCredentials }>
  | Readonly<{ at: 'acknowledge'; first: First; credential: number }>
  | Readonly<{ at: 'over' }>;

export class ScramExchange implements SaslExchange {
  readonly #context: SaslContext;
  readonly #isPlus: boolean;
  #state: State = { at: 'first' };

  constructor(context: SaslContext, isPlus: boolean) {
    this.#context = context;
    this.#isPlus = isPlus;
  }

  receive(response: Buffer | undefined): SaslAction {
    const state = this.#state;
    if (state.at === 'first' && response === undefined) return challenge('');
    this.#state = { at: 'over' };
    if (response === undefined || !isUtf8(response)) return failed('malformed');
    const text = response.toString('utf8');
    switch (state.at) {
      case 'first':
        return this.#first(text);
      case 'final':
        return this.#final(text, state);
      case 'acknowledge':
        // RFC 5802 §5: the client has checked our signature and has nothing to add.
        if (text !== '') return failed('malformed');
        return { do: 'proved', login: state.first.login, actAs: state.first.actAs, credential: state.credential };
      default:
        throw new Error('nothing was asked of the client');
    }
  }

  supply(credentials: ScramCredentials): SaslAction {
    const state = this.#state;
    if (state.at !== 'credentials') throw new Error('SCRAM credentials were not asked for');
    const nonce = state.first.nonce + this.#context.nonce;
    const serverFirst = `r=${nonce},s=${Buffer.from(credentials.salt).toString('base64')},i=${credentials.iterations}`;
    this.#state = { ...state, at: 'final', serverFirst, credentials };
    return challenge(serverFirst);
  }

  #first(text: string): SaslAction {
    const first = parseFirst(text);
    if (first === undefined) return failed('malformed');
    const offersPlus = this.#context.channelBinding(DEFAULT_BINDING) !== undefined;
    if (first.flag === 'y' && offersPlus) return failed('bindingDowngrade');
    if ((first.flag === 'p') !== this.#isPlus) return failed('malformed');
    const binding = first.flag === 'p' ? this.#context.channelBinding(first.bindingType) : Buffer.alloc(0);
    if (binding === undefined) return failed('bindingUnsupported');
    this.#state = { at: 'credentials', first, binding };
    return { do: 'needScram', login: first.login, actAs: first.actAs };
  }

  #final(text: string, state: Extract<State, { at: 'final' }>): SaslAction {
    const { first, binding, serverFirst, credentials } = state;
    const final = parseFinal(text);
    if (final === undefined || final.nonce !== first.nonce + this.#context.nonce) return failed('malformed');
    const bound = Buffer.concat([Buffer.from(first.gs2Header), binding]);
    if (!isSame(final.binding, bound)) return failed('bindingMismatch');
    const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`;
    const credential = matching(credentials, authMessage, final.proof);
    const keys = credentials.credentials[credential];
    if (keys === undefined) return failed('wrongProof');
    this.#state = { at: 'acknowledge', first, credential };
    return challenge(`v=${hmac(keys.serverKey, authMessage).toString('base64')}`);
  }
}

/**
 * The index of the credential the proof was made with, or -1.
 * SECURITY: all are tried, and one is where there are none, so that time does not tell which names exist or which password fitted.
 */
function matching({ credentials }: ScramCredentials, authMessage: string, proof: Buffer): number {
  let match = -1;
  for (const [at, { storedKey }] of credentials.slice(0, CREDENTIALS_TRIED).entries())
    if (isProof(storedKey, authMessage, proof)) match = at;
  if (credentials.length === 0) isProof(Buffer.alloc(SCRAM_KEY_BYTES), authMessage, proof);
  return match;
}

/** RFC 5802 §3: ClientProof XOR ClientSignature is the ClientKey, whose hash is the StoredKey. */
function isProof(storedKey: Uint8Array, authMessage: string, proof: Buffer): boolean {
  const clientKey = hmac(storedKey, authMessage);
  for (let at = 0; at < clientKey.length; at++) clientKey[at] = (clientKey[at] ?? 0) ^ (proof[at] ?? 0);
  return isSame(sha256(clientKey), Buffer.from(storedKey));
}

const isSame = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);

/** gs2-header [m=…,] n=name,r=nonce[,extensions] (RFC 5802 §7). */
function parseFirst(text: string): First | undefined {
  const [flagText = '', authzid = '', ...rest] = text.split(',');
  const flag = flagText === 'n' || flagText === 'y' ? flagText : flagText.startsWith('p=') ? 'p' : undefined;
  const bindingType = flag === 'p' ? flagText.slice(2) : '';
  if (flag === undefined || (flag === 'p' && !BINDING_NAME.test(bindingType))) return undefined;
  // RFC 5802 §5.1: a mandatory extension (m=) stands first, and we know none, so the name must.
  const login = saslName('n=', rest[0] ?? '');
  const actAs = authzid === '' ? '' : saslName('a=', authzid);
  const nonce = rest[1]?.startsWith('r=') === true ? rest[1].slice(2) : '';
  if (login === undefined || login === '' || actAs === undefined || !NONCE.test(nonce) || nonce.length > NONCE_LENGTH) return undefined;
  return {
    gs2Header: `${flagText},${authzid},`,
    flag,
    bindingType,
    actAs: actAs === '' || actAs === login ? undefined : actAs,
    login,
    nonce,
    bare: rest.join(','),
  };
}

/** `=2C` and `=3D` stand for a comma and an equals sign; any other `=` is a mistake. Prepared as RFC 5802 §5.1 wants. */
function saslName(prefix: string, text: string): string | undefined {
  if (!text.startsWith(prefix) || Buffer.byteLength(text) > LOGIN_OCTETS) return undefined;
  const coded = text.slice(prefix.length);
  if (/=(?!2C|3D)/.test(coded) || coded.includes('\0')) return undefined;
  const name = saslPrep(coded.replaceAll('=2C', ',').replaceAll('=3D', '='));
  return name.ok ? name.value : undefined;
}

type Final = Readonly<{ binding: Buffer; nonce: string; proof: Buffer; withoutProof: string }>;

/** c=binding,r=nonce[,extensions],p=proof. */
function parseFinal(text: string): Final | undefined {
  const proofAt = text.lastIndexOf(',p=');
  if (proofAt < 0) return undefined;
  const withoutProof = text.slice(0, proofAt);
  const [binding = '', nonce = ''] = withoutProof.split(',', 2);
  const proof = text.slice(proofAt + 3);
  if (!binding.startsWith('c=') || !nonce.startsWith('r=')) return undefined;
  if (!BASE64.test(binding.slice(2)) || !BASE64.test(proof)) return undefined;
  const octets = Buffer.from(proof, 'base64');
  if (octets.length !== SCRAM_KEY_BYTES) return undefined;
  return { binding: Buffer.from(binding.slice(2), 'base64'), nonce: nonce.slice(2), proof: octets, withoutProof };
}
