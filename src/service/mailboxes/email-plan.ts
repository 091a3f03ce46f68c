/**
 * What is to be done to messages wherever they stand, worked out as commands
 * on their places. Messages with the same to be done share a command.
 */
import type { Command, UidSet } from '../../core/command.ts';
import type { MailboxId } from '../../core/ids.ts';
import { FLAG } from '../../core/mailbox.ts';
import { isRefusal, refuse, type Refusal } from '../../core/refusal.ts';
import type { IndexRows } from './index-rows.ts';
import { isShownWord, type KeywordParts, keywordParts } from './jmap-keywords.ts';
import { allSpellings, sameKeyword, speltAs, whyNotMoreKeywords } from './keywords.ts';
import { KEYWORDS_PER_MESSAGE, MAILBOXES_PER_EMAIL } from './limits.ts';

import type { EmailUpdate, ItemsChange, Place } from './mailboxes.ts';

type Of<Do extends Command['do']> = Extract<Command, { do: Do }>;
type Bucket<Do extends Command['do']> = { command: Of<Do>; uids: number[] };

/** Words of flags that a keyword change puts on and takes off; `replace`: everything else goes. */
type KeywordPlan = Readonly<{ add: KeywordParts; remove: KeywordParts; replace: boolean }>;

export type PlanGround = Readonly<{
  rows: IndexRows;
  isThere(mailbox: MailboxId): boolean;
  /** Keywords in use there, as far as they are known. */
  inUse(mailbox: MailboxId): readonly string[];
}>;

export class EmailPlan {
  readonly #ground: PlanGround;
  readonly #flags = new Map<string, Bucket<'setFlags'>>();
  readonly #copies = new Map<string, Bucket<'copy' | 'move'>>();
  readonly #moves = new Map<string, Bucket<'copy' | 'move'>>();
  readonly #expunges = new Map<string, Bucket<'expunge'>>();

  constructor(ground: PlanGround) {
    this.#ground = ground;
  }

  /** Flags first, so that copies carry them; places go last, so that none is the last one. */
  get batch(): readonly Command[] {
    return [...filled(this.#flags), ...filled(this.#copies), ...filled(this.#moves), ...filled(this.#expunges)];
  }

  update({ email, keywords, mailboxes }: EmailUpdate): Refusal | undefined {
    const { rows } = this.#ground;
    const row = rows.emails.rowOf(email);
    if (row < 0 || !rows.isShown(row)) return refuse('notFound');
    const places = rows.placesOf(row);
    const words = keywords === undefined ? undefined : planOf(keywords);
    if (isRefusal(words)) return words;
    const target = mailboxes === undefined ? undefined : this.#targetOf(rows.mailboxes(row), mailboxes);
    if (isRefusal(target)) return target;
    const refused = words === undefined ? undefined : this.#whyNot(places, words);
    if (refused !== undefined) return refused;
    if (words !== undefined) for (const place of places) this.#flag(place, words);
    if (target !== undefined) this.#replace(places, target);
    return undefined;
  }

  destroy(email: EmailUpdate['email']): Refusal | undefined {
    const { rows } = this.#ground;
    const row = rows.emails.rowOf(email);
    if (row < 0 || !rows.isShown(row)) return refuse('notFound');
    for (const place of rows.placesOf(row)) this.#expunge(place);
    return undefined;
  }

  /** Where it is to be, or why it cannot. */
  #targetOf(now: readonly MailboxId[], change: ItemsChange<MailboxId>): ReadonlySet<MailboxId> | Refusal {
    const target = new Set('set' in change ? change.set : now);
    if (!('set' in change)) {
      for (const mailbox of change.remove ?? []) target.delete(mailbox);
      for (const mailbox of change.add ?? []) target.add(mailbox);
    }
    if (target.size === 0) return refuse('badValue', { why: 'an email must be somewhere' });
    if (target.size > MAILBOXES_PER_EMAIL) return refuse('tooManyMailboxes', { limit: String(MAILBOXES_PER_EMAIL) });
    const gone = [...target].find((mailbox) => !this.#ground.isThere(mailbox));
    return gone === undefined ? target : refuse('mailboxGone', { mailbox: String(gone) });
  }

  #whyNot(places: readonly Place[], { add, replace }: KeywordPlan): Refusal | undefined {
    for (const { mailbox, keywords } of places) {
      const kept = replace ? [] : keywords.filter((known) => !add.words.some((word) => sameKeyword(word, known)));
      if (kept.length + add.words.length > KEYWORDS_PER_MESSAGE) return refuse('tooManyKeywords', { mailbox: String(mailbox) });
      const inUse = this.#ground.inUse(mailbox);
      const refused = whyNotMoreKeywords(inUse, speltAs(inUse, add.words));
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  #flag({ mailbox, uid, flags, keywords }: Place, { add, remove, replace }: KeywordPlan): void {
    // \Deleted is none of JMAP's business, and words it does not show stay as well.
    const kept = replace ? flags & FLAG.deleted : 0;
    const hidden = replace ? keywords.filter((word) => !isShownWord(word.toLowerCase())) : [];
    const command: Of<'setFlags'> = {
      do: 'setFlags',
      mailbox,
      uids: [],
      add: add.flags | kept,
      addKeywords: [...new Set([...speltAs([...keywords, ...this.#ground.inUse(mailbox)], add.words), ...hidden])],
      remove: remove.flags,
      removeKeywords: allSpellings(keywords, remove.words),
      replace,
      unchangedSince: null,
    };
    const key = [mailbox, command.add, command.remove, ...command.addKeywords, '', ...command.removeKeywords].join(' ');
    collect(this.#flags, key, { command, uid });
  }

  /** A message that leaves one mailbox for another is moved; what is left over is copied, or goes. */
  #replace(places: readonly Place[], target: ReadonlySet<MailboxId>): void {
    const shown = places.filter(({ flags }) => (flags & FLAG.deleted) === 0);
    const here = new Set(shown.map(({ mailbox }) => mailbox));
    const leaving = [...here].filter((mailbox) => !target.has(mailbox));
    const going = new Set(places.filter(({ mailbox }) => leaving.includes(mailbox)));
    for (const to of target) {
      if (here.has(to)) continue;
      const from = leaving.pop();
      const place = from === undefined ? shown[0] : shown.find(({ mailbox }) => mailbox === from);
      if (place === undefined) continue;
      this.#transfer(place, to, from === undefined ? 'copy' : 'move');
      if (from !== undefined) going.delete(place);
    }
    for (const place of going) this.#expunge(place);
  }

  #transfer({ mailbox, uid }: Place, to: MailboxId, how: 'copy' | 'move'): void {
    collect(how === 'copy' ? this.#copies : this.#moves, `${mailbox} ${to}`, { command: { do: how, from: mailbox, uids: [], to }, uid });
  }

  #expunge({ mailbox, uid }: Place): void {
    collect(this.#expunges, String(mailbox), { command: { do: 'expunge', mailbox, uids: [], onlyDeleted: false }, uid });
  }
}

function planOf(change: ItemsChange<string>): KeywordPlan | Refusal {
  const replace = 'set' in change;
  const add = keywordParts(replace ? change.set : (change.add ?? []));
  const remove = keywordParts(replace ? [] : (change.remove ?? []));
  if (isRefusal(add)) return add;
  return isRefusal(remove) ? remove : { add, remove, replace };
}

function collect<Do extends Command['do']>(
  into: Map<string, Bucket<Do>>,
  key: string,
  { command, uid }: Readonly<{ command: Of<Do>; uid: number }>,
): void {
  const bucket = into.get(key);
  if (bucket === undefined) into.set(key, { command, uids: [uid] });
  else bucket.uids.push(uid);
}

function filled<Do extends 'setFlags' | 'copy' | 'move' | 'expunge'>(buckets: ReadonlyMap<string, Bucket<Do>>): Command[] {
  return Array.from(buckets.values(), ({ command, uids }): Command => ({ ...command, uids: uidSet(uids) }));
}

/** Uids in any order as ranges. */
function uidSet(uids: number[]): UidSet {
  const ranges: [number, number][] = [];
  for (const uid of uids.sort((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last !== undefined && uid <= last[1] + 1) last[1] = uid;
    else ranges.push([uid, uid]);
  }
  return ranges;
}
