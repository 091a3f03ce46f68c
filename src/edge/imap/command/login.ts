/** LOGIN (RFC 9051 §6.2.3). */
import { readLogin } from '../../../codec/imap/command/login.ts';
import { isRefusal } from '../../../core/refusal.ts';
import type { Admission } from '../../../service/accounts/accounts.ts';
import { type Answer, no, ok } from '../answer.ts';
import type { Client } from '../client.ts';
import { phraseRefusal } from '../phrases.ts';
import { row } from '../row.ts';

export const login = row({
  name: 'LOGIN',
  when: 'stranger',
  read: readLogin,
  // SECURITY: a client that sees LOGINDISABLED keeps its password to itself (RFC 9051 §11.7).
  capabilities: (client) => (client.isSignedIn || client.maySignIn ? [] : ['LOGINDISABLED']),
  async run(client, { user, password }) {
    if (!client.maySignIn) return tlsFirst();
    const result = await client.host.accounts.signIn.withPassword(user, password, { protocol: 'imap', ip: client.wire.ip });
    return isRefusal(result) ? phraseRefusal(result) : welcome(client, result);
  },
});

export const tlsFirst = (): Answer => no('Start TLS first', 'PRIVACYREQUIRED');

/** Opens the account. What the client may do has changed, so it is told at once. */
export async function welcome(client: Client, admission: Admission): Promise<Answer> {
  await client.signIn(admission);
  return { ...ok('You are signed in', `CAPABILITY ${client.capabilities()}`), next: 'signedIn' };
}
