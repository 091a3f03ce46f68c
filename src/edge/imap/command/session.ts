/** Commands about the conversation itself: CAPABILITY, NOOP, LOGOUT, STARTTLS, ENABLE, ID (RFC 9051 §6.1, §6.2.1, §6.3.1; RFC 2971). */
import { readNothing } from '../../../codec/imap/command/bare.ts';
import { readEnable } from '../../../codec/imap/command/enable.ts';
import { readId } from '../../../codec/imap/command/id.ts';
import { bad, no, ok } from '../answer.ts';
import type { Client } from '../client.ts';
import { SERVER_NAME } from '../host.ts';
import { row } from '../row.ts';

export const capability = row({
  name: 'CAPABILITY',
  when: 'always',
  read: readNothing,
  capabilities: ['IMAP4rev1', 'IMAP4rev2', 'LITERAL+'],
  run(client) {
    client.untagged(`CAPABILITY ${client.capabilities()}`);
    return ok('That is what we can do');
  },
});

export const noop = row({ name: 'NOOP', when: 'always', read: readNothing, run: () => ok('Nothing done') });

/** CHECK of IMAP4rev1: everything is on disk already. */
export const check = row({ name: 'CHECK', when: 'selected', read: readNothing, run: () => ok('All is on disk') });

export const logout = row({
  name: 'LOGOUT',
  when: 'always',
  read: readNothing,
  run(client) {
    client.untagged('BYE See you');
    return { ...ok('Goodbye'), next: 'hangUp' };
  },
});

export const startTls = row({
  name: 'STARTTLS',
  when: 'stranger',
  read: readNothing,
  capabilities: (client) => (client.host.tls === undefined || client.wire.isSecure || client.isSignedIn ? [] : ['STARTTLS']),
  run(client) {
    if (client.wire.isSecure) return bad('TLS is on already');
    if (client.host.tls === undefined) return no('There is no certificate here');
    return { ...ok('Begin TLS now'), next: 'startTls' };
  },
});

/** What can be enabled, by its name in upper case: as it is written, and what it turns on. */
const ENABLES: ReadonlyMap<string, Readonly<{ name: string; turnOn(client: Client): void }>> = new Map([
  ['IMAP4REV2', { name: 'IMAP4rev2', turnOn: ({ enabled }: Client) => void (enabled.rev2 = true) }],
  ['UTF8=ACCEPT', { name: 'UTF8=ACCEPT', turnOn: ({ enabled }: Client) => void (enabled.utf8Accept = true) }],
  ['CONDSTORE', { name: 'CONDSTORE', turnOn: ({ enabled }: Client) => void (enabled.condstore = true) }],
]);

export const enable = row({
  name: 'ENABLE',
  when: 'member',
  read: readEnable,
  capabilities: ['ENABLE', 'UTF8=ACCEPT', 'CONDSTORE'],
  run(client, names) {
    const known = names.flatMap((name) => ENABLES.get(name) ?? []);
    for (const { turnOn } of known) turnOn(client);
    client.untagged(['ENABLED', ...known.map(({ name }) => name)].join(' '));
    return ok('Enabled');
  },
});

export const id = row({
  name: 'ID',
  when: 'always',
  read: readId,
  capabilities: ['ID'],
  run(client) {
    client.untagged(`ID ("name" "${SERVER_NAME}")`);
    return ok('Pleased to meet you');
  },
});
