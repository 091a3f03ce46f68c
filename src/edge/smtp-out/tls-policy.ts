/**
 * How much TLS an outgoing connection wants, and what it got. For strangers'
 * servers TLS is opportunistic (RFC 7435): any is better than none, whoever
 * signed the certificate; the facts say who vouched. What a domain asks by DANE
 * (RFC 7672) or MTA-STS (RFC 8461) tightens the plan here.
 */
import { createHash } from 'node:crypto';
import { type SecureContext, type TLSSocket } from 'node:tls';
import type { Route } from '../../core/ports/courier.ts';
import type { TlsFacts } from '../../core/step.ts';
import { some } from '../../lib/some.ts';

export type TlsPlan = Readonly<{
  /** TLS from the first byte (RFC 8314 §3.3), or by STARTTLS. */
  isImplicit: boolean;
  startTls: 'never' | 'offered' | 'required';
  /** The certificate must be proven by an authority for the server's name, or the connection is dropped. */
  mustProve: boolean;
  /** PEM: the authorities that may vouch, and nobody else. Absent: those the courier believes. */
  ca?: string;
}>;

export const PLAIN: TlsPlan = { isImplicit: false, startTls: 'never', mustProve: false };
const OPPORTUNISTIC: TlsPlan = { isImplicit: false, startTls: 'offered', mustProve: false };

export function planFor(route: Route): TlsPlan {
  if (route.via === 'mx') return OPPORTUNISTIC;
  switch (route.tls) {
    case 'none':
      return PLAIN;
    case 'opportunistic':
      // SECURITY: a password goes only to a server that has proven who it is.
      return route.auth === undefined
        ? OPPORTUNISTIC
        : { ...OPPORTUNISTIC, startTls: 'required', mustProve: true, ...some({ ca: route.ca }) };
    case 'required':
      return { isImplicit: false, startTls: 'required', mustProve: true, ...some({ ca: route.ca }) };
    case 'implicit':
      return { isImplicit: true, startTls: 'never', mustProve: true, ...some({ ca: route.ca }) };
  }
}

/** May the same server be tried again in clear when the handshake fails? (RFC 7435 §3: for opportunistic TLS, yes.) */
export const mayFallBack = (plan: TlsPlan): boolean => !plan.isImplicit && plan.startTls === 'offered';

/** What a plan is called where connections are kept: one made under a weaker plan, or vouched for by others, must not serve a stricter one. */
export function planName({ isImplicit, startTls, mustProve, ca }: TlsPlan): string {
  const who = ca === undefined ? '' : `+${createHash('sha256').update(ca).digest('base64')}`;
  return `${isImplicit ? 'implicit' : startTls}${mustProve ? '+proof' : ''}${who}`;
}

/** What `node:tls` needs besides the socket. No server name for addresses: RFC 6066 §3 forbids them in SNI. */
export function tlsOptions(plan: TlsPlan, { host, context }: { host: string; context: SecureContext }): Record<string, unknown> {
  const isName = /[a-z]/i.test(host) && !host.includes(':');
  return {
    secureContext: context,
    rejectUnauthorized: plan.mustProve,
    minVersion: 'TLSv1.2',
    ...(isName ? { servername: host } : { host }),
  };
}

/** Characters kept of a name out of a stranger's certificate. */
const SUBJECT_LIMIT = 200;

export function factsOf(socket: TLSSocket): TlsFacts {
  const certificate = socket.getPeerCertificate();
  const name: unknown = certificate.subject?.CN ?? certificate.subjectaltname;
  const subject = typeof name === 'string' ? { subject: name.slice(0, SUBJECT_LIMIT) } : {};
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    proven: socket.authorized ? 'ca' : 'none',
    ...subject,
  };
}
