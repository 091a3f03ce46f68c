/** Which types of objects a Change concerns, and how that is told (RFC 8620 §7.1). */
import { idOf } from '../../../codec/jmap/ids.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import type { Change } from '../../../core/change.ts';
import type { ObjectKind } from '../../../core/command.ts';
import type { AccountId } from '../../../core/ids.ts';
import { type State, stateText } from './standard-changes.ts';

/** EmailDelivery is RFC 8621 §1.5: what wakes a phone, where a flag does not. */
export const TYPES = ['Email', 'EmailDelivery', 'Mailbox', 'Thread', 'Identity', 'EmailSubmission'] as const;
export type TypeName = (typeof TYPES)[number];

/** A mailbox changes with what is in it: its counts are its properties. */
const ADDED: readonly TypeName[] = ['Email', 'EmailDelivery', 'Mailbox', 'Thread'];
/** Copied or moved: nothing came, and no conversation grew. */
const PLACED: readonly TypeName[] = ['Email', 'Mailbox'];
const FLAGS: readonly TypeName[] = ['Email', 'Mailbox'];
const EXPUNGED: readonly TypeName[] = ['Email', 'Mailbox', 'Thread'];
const MAILBOX: readonly TypeName[] = ['Mailbox'];
const NONE: readonly TypeName[] = [];
const OBJECT: Partial<Readonly<Record<ObjectKind, readonly TypeName[]>>> = {
  identity: ['Identity'],
  submission: ['EmailSubmission'],
  mailboxOrder: MAILBOX,
};

export function typesOf(change: Change): readonly TypeName[] {
  switch (change.kind) {
    case 'added':
      return change.isNew ? ADDED : PLACED;
    case 'flags':
      return FLAGS;
    case 'expunged':
      return EXPUNGED;
    case 'mailbox':
      return MAILBOX;
    case 'object':
      return OBJECT[change.object as ObjectKind] ?? NONE;
    default:
      return NONE;
  }
}

/** Names asked for; null: all. Names we have nothing of are names of nothing. */
export type TypeFilter = ReadonlySet<string> | null;

export const wantedOf = (types: Iterable<TypeName>, filter: TypeFilter): readonly TypeName[] =>
  [...types].filter((type) => filter === null || filter.has(type));

export function stateChange(account: AccountId, types: readonly TypeName[], state: State): JsonObject {
  const text = stateText(state);
  return {
    '@type': 'StateChange',
    changed: { [idOf('account', account)]: Object.fromEntries(types.map((type) => [type, text])) },
  };
}
