/**
 * Which names a LIST answers (RFC 9051 §6.3.9.3): those that match a pattern and satisfy the
 * selection, and, with RECURSIVEMATCH, those that match and have something below that satisfies
 * it but is not shown itself (§6.3.9.6).
 */
import type { ListSelection } from '../../codec/imap/command/list.ts';
import { SEPARATOR } from '../../codec/imap/mailbox-name.ts';
import type { MailboxInfo } from '../../service/mailboxes/mailboxes.ts';
import { attributeOf } from './special-use.ts';

export type Found = Readonly<{
  name: string;
  /** Undefined where there is no such mailbox. */
  info: MailboxInfo | undefined;
  isSubscribed: boolean;
  hasChildren: boolean;
  childInfo: readonly string[];
}>;

export class ListTree {
  readonly #selection: ListSelection;
  /** Every name that may be answered, existing mailboxes first. */
  readonly #names = new Map<string, MailboxInfo | undefined>();
  readonly #subscribed: ReadonlySet<string>;

  constructor(infos: readonly MailboxInfo[], subscriptions: readonly string[], selection: ListSelection) {
    this.#selection = selection;
    this.#subscribed = new Set([...subscriptions, ...infos.flatMap((info) => (info.subscribed ? [info.path] : []))]);
    for (const info of infos) this.#names.set(info.path, info);
    if (!selection.subscribed) return;
    for (const name of this.#subscribed) this.#addAbsent(name);
  }

  #addAbsent(name: string): void {
    const levels = this.#selection.recursive ? [...ancestors(name), name] : [name];
    for (const level of levels) if (!this.#names.has(level)) this.#names.set(level, undefined);
  }

  /** Every name that may be answered. */
  get names(): Iterable<string> {
    return this.#names.keys();
  }

  /** @param shown those of the names that match a pattern. */
  find(shown: readonly string[]): Found[] {
    const selected = new Set([...this.#names.keys()].filter((name) => this.#satisfies(name)));
    const below = this.#selection.recursive ? this.#levelsAbove(selected) : NOTHING;
    const told = new Set(shown.filter((name) => selected.has(name)));
    const hidden = this.#selection.recursive ? this.#levelsAbove([...selected].filter((name) => !told.has(name))) : NOTHING;
    // A level that only holds what was selected is told when some of that is not told itself.
    return shown.filter((name) => told.has(name) || hidden.has(name)).map((name) => this.#found(name, below.has(name)));
  }

  #found(name: string, hasBelow: boolean): Found {
    const info = this.#names.get(name);
    return {
      name,
      info,
      isSubscribed: this.#subscribed.has(name),
      hasChildren: info?.hasChildren ?? hasBelow,
      childInfo: hasBelow ? this.#criteria() : [],
    };
  }

  /** The selection options in force, as CHILDINFO names them. */
  #criteria(): readonly string[] {
    return [...(this.#selection.subscribed ? ['SUBSCRIBED'] : []), ...(this.#selection.specialUse ? ['SPECIAL-USE'] : [])];
  }

  #satisfies(name: string): boolean {
    const info = this.#names.get(name);
    if (this.#selection.subscribed ? !this.#subscribed.has(name) : info === undefined) return false;
    return !this.#selection.specialUse || attributeOf(info?.role ?? null) !== undefined;
  }

  #levelsAbove(names: Iterable<string>): ReadonlySet<string> {
    const levels = new Set<string>();
    for (const name of names) for (const level of ancestors(name)) levels.add(level);
    return levels;
  }
}

const NOTHING: ReadonlySet<string> = new Set();

/** The names of the levels above: `a` and `a/b` for `a/b/c`. */
export function ancestors(name: string): string[] {
  const levels: string[] = [];
  for (let at = name.indexOf(SEPARATOR); at >= 0; at = name.indexOf(SEPARATOR, at + 1)) levels.push(name.slice(0, at));
  return levels;
}
