/** What a STORE does to the flags of one entry: shared by every store, so that all of them mean the same. */
import type { Command } from './command.ts';

export type FlagState = Readonly<{ flags: number; keywords: readonly string[] }>;
export type FlagChange = Pick<Extract<Command, { do: 'setFlags' }>, 'add' | 'addKeywords' | 'remove' | 'removeKeywords' | 'replace'>;

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((word) => b.includes(word));

/** The flags after the change; the very object given when nothing changes. */
export function flagsAfter(before: FlagState, change: FlagChange): FlagState {
  const kept = change.replace ? [] : before.keywords.filter((word) => !change.removeKeywords.includes(word));
  const keywords = [...new Set([...kept, ...change.addKeywords])];
  const flags = change.replace ? change.add : (before.flags | change.add) & ~change.remove;
  return flags === before.flags && same(keywords, before.keywords) ? before : { flags, keywords };
}
