/** The SMTP listeners: 25 for other servers, 465 and 587 for our own people. */
import { replyText } from '../../codec/smtp/reply-text.ts';
import { refuse } from '../../core/refusal.ts';
import { type Listener, type ListenOptions, listen } from '../net/listener.ts';
import type { SmtpHost } from './host.ts';
import { phrase } from './phrases.ts';
import { mx } from './policy/mx.ts';
import type { Policy } from './policy/policy.ts';
import { submission } from './policy/submission.ts';
import { SmtpSession } from './session.ts';

export type SmtpListenOptions = Omit<ListenOptions, 'onConnection' | 'refusal'>;

/** Port 25. `host.tls` is what STARTTLS offers. */
export const listenMx = (host: SmtpHost, options: SmtpListenOptions): Promise<Listener> => listenSmtp(host, mx, options);

/** Ports 465 (`options.tls`: TLS from the first octet, RFC 8314 §3.3) and 587 (`host.tls`: STARTTLS). */
export const listenSubmission = (host: SmtpHost, options: SmtpListenOptions): Promise<Listener> => listenSmtp(host, submission, options);

function listenSmtp(host: SmtpHost, policy: Policy, options: SmtpListenOptions): Promise<Listener> {
  const { code, text } = phrase(refuse('tooManyConnections'));
  return listen({
    ...options,
    refusal: replyText(code, text),
    onConnection: (connection) => new SmtpSession(connection, host, policy),
  });
}
