/** The directory in memory: nouns, names, wrapped keys, and the opening and closing of accounts. */
import type { Command } from '../../core/command.ts';
import type { AccountId } from '../../core/ids.ts';
import type { DirectoryChange } from '../../core/ports/store.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { dropBlob, dropUpload } from './commit.ts';
import { removeItem } from './queue.ts';
import type { State } from './state.ts';

/** Runs a batch in the commit under way; the store gives it. */
export type RunBatch = (account: AccountId, batch: readonly Command[]) => Refusal | undefined;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function put(state: State, { row }: Extract<DirectoryChange, { do: 'put' }>): Refusal | undefined {
  const key = `${row.kind}/${row.id}`;
  removeNames(state, key);
  for (const name of row.names.map(hex)) {
    if (state.names.has(name) && state.names.get(name) !== key) return refuse('nameTaken');
    state.names.set(name, key);
  }
  state.directory.set(key, { ...row, names: row.names.map((name) => Uint8Array.from(name)), sealed: Uint8Array.from(row.sealed) });
  return undefined;
}

function removeNames(state: State, key: string): void {
  for (const name of state.directory.get(key)?.names ?? []) state.names.delete(hex(name));
}

function openAccount(state: State, change: Extract<DirectoryChange, { do: 'openAccount' }>, run: RunBatch): Refusal | undefined {
  const { account, organisation, quota, batch } = change;
  if (state.accounts.has(account)) return refuse('nameTaken');
  state.accounts.set(account, { organisation, epoch: 1, modseq: 0, used: 0, quota, logFloor: 0 });
  return run(account, batch);
}

function closeAccount(state: State, account: AccountId): Refusal | undefined {
  if (!state.accounts.has(account)) return refuse('notFound', { what: 'account' });
  state.accounts.delete(account);
  for (const { mailbox } of state.mailboxesOf(account)) {
    for (const { uid } of state.entriesOf(mailbox).values()) state.entriesOf(mailbox).delete(uid);
    state.mailboxes.delete(mailbox);
  }
  for (const { email, blob } of state.emails.values().filter((row) => row.account === account)) {
    state.emails.delete(email);
    dropBlob(state, blob);
  }
  for (const upload of state.uploadsOf(account)) dropUpload(state, upload);
  for (const item of state.items.values().filter((row) => row.owner === account)) removeItem(state, item);
  for (const [key, row] of state.objects.entries()) if (row.account === account) state.objects.delete(key);
  for (const [key] of state.log.entries()) if (key.startsWith(`${account}/`)) state.log.delete(key);
  for (const [key] of state.effects.entries()) if (key.startsWith(`${account}/`)) state.effects.delete(key);
  for (const [key] of state.stepsOf(account).entries()) state.stepsOf(account).delete(key);
  return undefined;
}

export function changeDirectory(state: State, change: DirectoryChange, run: RunBatch): Refusal | undefined {
  switch (change.do) {
    case 'put':
      return put(state, change);
    case 'remove':
      removeNames(state, `${change.kind}/${change.id}`);
      state.directory.delete(`${change.kind}/${change.id}`);
      return undefined;
    case 'putKey':
      state.keys.set(change.owner, Uint8Array.from(change.wrapped));
      return undefined;
    case 'destroyKey':
      state.keys.delete(change.owner);
      return undefined;
    case 'openAccount':
      return openAccount(state, change, run);
    case 'setQuota': {
      const row = state.accounts.get(change.account);
      if (row === undefined) return refuse('notFound', { what: 'account' });
      state.accounts.set(change.account, { ...row, quota: change.quota });
      return undefined;
    }
    case 'closeAccount':
      return closeAccount(state, change.account);
    default:
      return unreachable(change);
  }
}
