/**
 * A sign-in as a conversation (RFC 4422 §5), without I/O: what the client says
 * goes in, what to do next comes out. A mechanism that needs to know something
 * asks. SMTP, IMAP and the others wrap the octets each in their own way.
 */

export type SaslFailure =
  /** Not what the mechanism prescribes. */
  | 'malformed'
  /** The proof fits no password. */
  | 'wrongProof'
  /** SECURITY: the client sees another TLS connection than we do: somebody is in the middle. */
  | 'bindingMismatch'
  /** SECURITY: the client believes we do not offer channel binding, and we do: somebody edits our offers. */
  | 'bindingDowngrade'
  | 'bindingUnsupported';

export type SaslAction =
  /** To be sent; what the client answers goes to `receive`. */
  | Readonly<{ do: 'challenge'; data: Buffer }>
  /** The caller decides whether they belong together; the exchange is over. `actAs` where the client wants to be somebody else afterwards. */
  | Readonly<{ do: 'checkPassword'; login: string; password: string; actAs: string | undefined }>
  /** The caller answers with `supply`, also for names it does not know (with a made-up salt and no credential). */
  | Readonly<{ do: 'needScram'; login: string; actAs: string | undefined }>
  /** It is the owner of the credential with this index; the exchange is over. */
  | Readonly<{ do: 'proved'; login: string; actAs: string | undefined; credential: number }>
  | Readonly<{ do: 'failed'; why: SaslFailure }>;

/** Several passwords may share one salt: the proof is tried on each (RFC 5802 §3). */
export type ScramCredentials = Readonly<{
  salt: Uint8Array;
  iterations: number;
  credentials: readonly Readonly<{ storedKey: Uint8Array; serverKey: Uint8Array }>[];
}>;

export interface SaslExchange {
  /** The initial response (undefined where there was none), then the answer to each challenge. */
  receive(response: Buffer | undefined): SaslAction;
  /** The answer to `needScram`. */
  supply(credentials: ScramCredentials): SaslAction;
}

/** What the connection brings to an exchange. */
export type SaslContext = Readonly<{
  /** The server's part of a nonce: printable ASCII without comma, never used before (18 random octets as base64 will do). */
  nonce: string;
  /** Octets of a channel binding of the TLS connection (RFC 5929, RFC 9266), undefined where it has none of that type. */
  channelBinding(type: string): Buffer | undefined;
}>;

/** The type whose presence decides whether -PLUS mechanisms are offered (RFC 9266 §3). */
export const DEFAULT_BINDING = 'tls-exporter';

/** Octets of a name. RFC 5321 addresses have 254; names without a domain are shorter. */
export const LOGIN_OCTETS = 320;
/** Octets of a password: whatever hashes it must not be made to hash megabytes. */
export const PASSWORD_OCTETS = 1_024;

export const challenge = (data: string): SaslAction => ({ do: 'challenge', data: Buffer.from(data) });
export const failed = (why: SaslFailure): SaslAction => ({ do: 'failed', why });
