/** What we offer after EHLO (RFC 5321 §4.1.1.1): the one list of our extensions. */
import { MAILS, RECIPIENTS } from './server-limits.ts';

/** What may change within one connection. */
export type Offer = Readonly<{
  /** STARTTLS may be said (RFC 3207): never once TLS is on. */
  startTls: boolean;
  tlsOn: boolean;
  /** SASL mechanisms; empty where nobody may sign in, or not without TLS. */
  mechanisms: readonly string[];
  /** There will be mechanisms once TLS is on: then AUTH before it is answered with 530 instead of 502. */
  signInNeedsTls?: boolean;
}>;

/** The lines of a 250 reply, divided by LF. Neither they nor the greeting carry an enhanced status (RFC 2034 §3). */
export function welcome(hostName: string, sizeLimit: number, offer: Offer): string {
  return [
    hostName,
    'PIPELINING', // RFC 2920
    `SIZE ${sizeLimit}`, // RFC 1870
    '8BITMIME', // RFC 6152
    'SMTPUTF8', // RFC 6531
    'CHUNKING', // RFC 3030
    'BINARYMIME', // RFC 3030
    'DSN', // RFC 3461
    'ENHANCEDSTATUSCODES', // RFC 2034
    `LIMITS MAILMAX=${MAILS} RCPTMAX=${RECIPIENTS}`, // RFC 9422
    ...(offer.startTls && !offer.tlsOn ? ['STARTTLS'] : []), // RFC 3207
    ...(offer.mechanisms.length > 0 ? [`AUTH ${offer.mechanisms.join(' ')}`] : []), // RFC 4954
  ].join('\n');
}
