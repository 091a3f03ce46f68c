/** In what a session differs by the door it came through: port 25 for other servers, 465 and 587 for our own people. */
import { mechanismNames } from '../../../codec/sasl/mechanism.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { TlsSession } from '../../net/tls-session.ts';

/** How far a peer has come. */
export type Standing = Readonly<{ tls: TlsSession | undefined; isSignedIn: boolean; allowsPlaintext: boolean }>;

export type Policy = Readonly<{
  origin: 'mx' | 'submission';
  /** What AUTH offers now; empty where it is not offered. */
  mechanisms(standing: Standing): readonly string[];
  /** Why MAIL may not be said yet. */
  whyNotMail(standing: Standing): Refusal | undefined;
}>;

/** Mechanisms fit for the line, under TLS or where that is waived. */
export function mechanismsFor({ tls, allowsPlaintext }: Standing): readonly string[] {
  if (tls === undefined && !allowsPlaintext) return [];
  return mechanismNames((type) => tls?.channelBinding(type));
}
