/** The IMAP listeners: 993 with TLS from the start, 143 with STARTTLS. */
import { type Listener, type ListenOptions, listen } from '../net/listener.ts';
import type { ImapHost } from './host.ts';
import { ImapSession } from './session.ts';

export type ImapListenOptions = Omit<ListenOptions, 'onConnection' | 'refusal'>;

/** `options.tls` means TLS from the first octet (RFC 8314); `host.tls` is what STARTTLS offers. */
export function listenImap(host: ImapHost, options: ImapListenOptions): Promise<Listener> {
  return listen({
    ...options,
    refusal: '* BYE [LIMIT] Too many connections; try again later\r\n',
    onConnection: (connection) => new ImapSession(connection, host),
  });
}
