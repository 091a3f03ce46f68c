/**
 * The table of commands. A new one is a file in codec/imap/command, a file in ./command, and a
 * line here; CAPABILITY says what the lines say.
 */
import type { Client } from './client.ts';
import { append } from './command/append.ts';
import { authenticate } from './command/authenticate.ts';
import { copy, move, uidCopy, uidMove } from './command/copy.ts';
import { expunge, uidExpunge } from './command/expunge.ts';
import { fetch, uidFetch } from './command/fetch.ts';
import { idle } from './command/idle.ts';
import { list, lsub } from './command/list.ts';
import { login } from './command/login.ts';
import { create, namespace, remove, rename, subscribe, unsubscribe } from './command/mailboxes.ts';
import { getQuota, getQuotaRoot } from './command/quota.ts';
import { search, uidSearch } from './command/search.ts';
import { close, examine, select, unselect } from './command/select.ts';
import { capability, check, enable, id, logout, noop, startTls } from './command/session.ts';
import { status } from './command/status.ts';
import { store, uidStore } from './command/store.ts';
import type { Row } from './row.ts';

export const COMMANDS: readonly Row[] = [
  capability,
  noop,
  logout,
  id,
  startTls,
  login,
  authenticate,
  enable,
  select,
  examine,
  create,
  remove,
  rename,
  subscribe,
  unsubscribe,
  list,
  lsub,
  namespace,
  status,
  getQuota,
  getQuotaRoot,
  append,
  idle,
  check,
  close,
  unselect,
  expunge,
  uidExpunge,
  search,
  uidSearch,
  fetch,
  uidFetch,
  store,
  uidStore,
  copy,
  uidCopy,
  move,
  uidMove,
];

const BY_NAME: ReadonlyMap<string, Row> = new Map(COMMANDS.map((row) => [row.name, row]));

export const findCommand = (name: string): Row | undefined => BY_NAME.get(name);

/** What this client may be told we can do, as things stand. */
export const capabilitiesFor = (client: Client): string => COMMANDS.flatMap((row) => row.capabilities(client)).join(' ');

/** Why a command may not be given now, if it may not (RFC 9051 §3). */
export function whyNotNow(row: Row, client: Client): string | undefined {
  switch (row.when) {
    case 'always':
      return undefined;
    case 'stranger':
      return client.isSignedIn ? 'You are signed in already' : undefined;
    case 'member':
      return client.isSignedIn ? undefined : 'Sign in first';
    case 'selected':
      if (!client.isSignedIn) return 'Sign in first';
      return client.view === undefined ? 'Open a mailbox first' : undefined;
  }
}
