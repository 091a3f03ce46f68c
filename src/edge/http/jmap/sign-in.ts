/** Who is asking: a name and password in every request (RFC 7617). */
import { type Refusal, refuse } from '../../../core/refusal.ts';
import type { Admission } from '../../../service/accounts/accounts.ts';
import type { Line } from '../server.ts';
import type { JmapHost } from './host.ts';

/** Characters of the header; longer ones hold no password of ours. */
const HEADER_LIMIT = 4_096;

export async function signInBy(header: string | null, { ip, isSecure }: Line, host: JmapHost): Promise<Admission | Refusal> {
  // SECURITY: a password that came in clear is not looked at, so that nobody learns by it whether it was right.
  if (!isSecure && !host.allowsPlaintext && !isLoopback(ip)) return refuse('tlsFirst');
  const basic = header === null || header.length > HEADER_LIMIT ? undefined : basicOf(header);
  if (basic === undefined) return refuse('signInFirst');
  return host.accounts.signIn.withPassword(basic.login, basic.password, { protocol: 'jmap', ip });
}

const isLoopback = (ip: string): boolean => ip === '::1' || ip.startsWith('127.');

function basicOf(header: string): Readonly<{ login: string; password: string }> | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header.trim())?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}
