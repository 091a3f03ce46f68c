/** What every Foo/changes has in common (RFC 8620 §5.2). */
import { invalid, MethodError } from '../../../codec/jmap/error.ts';
import { isInt, isText, type JsonObject } from '../../../codec/jmap/json.ts';
import { onlyKnown, optional, required } from './arguments.ts';
import { CHANGES_LIMIT } from './limits.ts';

/** `epoch.modseq`: a restored backup is a new epoch, in which old states mean nothing. */
export type State = Readonly<{ epoch: number; modseq: number }>;

export const stateText = ({ epoch, modseq }: State): string => `${epoch.toString(36)}.${modseq}`;

/** Undefined for what was never a state of ours. */
export function readState(text: string): State | undefined {
  const match = /^([0-9a-z]{1,11})\.(\d{1,16})$/.exec(text);
  const [epoch, modseq] = [Number.parseInt(match?.[1] ?? '', 36), Number(match?.[2])];
  return Number.isSafeInteger(epoch) && Number.isSafeInteger(modseq) ? { epoch, modseq } : undefined;
}

export type ChangesAsk = Readonly<{ since: State; sinceText: string; max: number }>;

export function changesAsk(args: JsonObject): ChangesAsk {
  onlyKnown(args, ['accountId', 'sinceState', 'maxChanges']);
  const sinceText = required(args, 'sinceState', isText);
  const max = optional(args, 'maxChanges', isInt, CHANGES_LIMIT);
  if (max <= 0) throw invalid('"maxChanges" must be more than 0');
  const since = readState(sinceText);
  if (since === undefined) throw new MethodError('cannotCalculateChanges');
  return { since, sinceText, max: Math.min(max, CHANGES_LIMIT) };
}

export type Changed<Id> = Readonly<{
  created: readonly Id[];
  updated: readonly Id[];
  destroyed: readonly Id[];
  newState: State;
  hasMoreChanges: boolean;
}>;

/** @param changed undefined when the log does not reach back that far */
export function changesAnswer<Id>(
  accountId: unknown,
  ask: ChangesAsk,
  { changed, text }: Readonly<{ changed: Changed<Id> | undefined; text: (id: Id) => string }>,
): Record<string, unknown> {
  if (changed === undefined) throw new MethodError('cannotCalculateChanges');
  const { newState, hasMoreChanges } = changed;
  const [created, updated, destroyed] = [changed.created.map(text), changed.updated.map(text), changed.destroyed.map(text)];
  return { accountId, oldState: ask.sinceText, newState: stateText(newState), hasMoreChanges, created, updated, destroyed };
}
