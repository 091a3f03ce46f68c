/** What each call does inside the group's transaction. */
import type { DatabaseSync } from 'node:sqlite';
import type { Command, QueuedMessage, StepRow } from '../../core/command.ts';
import type { FaultOutcome } from '../../core/fault.ts';
import type { AccountId } from '../../core/ids.ts';
import type { ApplyOptions } from '../../core/ports/store.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { AccountCommit } from './account-commit.ts';
import type { Blobs } from './blobs.ts';
import type { AppliedValue, Call } from './calls.ts';
import { Counters } from './counters.ts';
import { DirectoryCommit } from './directory-commit.ts';
import { Effects } from './effects.ts';
import { Journal } from './journal.ts';
import { Outbox } from './outbox.ts';
import { Pruner } from './prune.ts';
import { QueueCommit } from './queue-commit.ts';

/** `wrote`: something was written before the no, so the unit must be taken back. */
export type Outcome =
  | Readonly<{ value: unknown }>
  | Readonly<{ refused: Refusal; wrote: boolean }>
  | Readonly<{ fault: FaultOutcome; why: string }>;
type ApplyOutcome = Readonly<{ value: AppliedValue }> | Readonly<{ refused: Refusal; wrote: boolean }>;
type Of<Name extends Call['call']> = Extract<Call, { call: Name }>;
/** The calls that are units of a group; the others are the thread's own business. */
export type UnitCall = Exclude<
  Call,
  { call: 'openBody' | 'writeBody' | 'finishBody' | 'abortBody' | 'forgetLoose' | 'rewritePack' | 'close' }
>;

const FENCED = { fault: 'fenced', why: 'the lease on this queue item is lost' } as const;

export class Units {
  readonly counters: Counters;
  readonly journal: Journal;
  readonly #accounts: AccountCommit;
  readonly #effects: Effects;
  readonly #outbox: Outbox;
  readonly #queue: QueueCommit;
  readonly #directory: DirectoryCommit;
  readonly #pruner: Pruner;

  constructor(database: DatabaseSync, blobs: Blobs) {
    this.counters = new Counters(database);
    this.journal = new Journal(database);
    this.#effects = new Effects(database);
    this.#outbox = new Outbox(database, blobs);
    this.#queue = new QueueCommit(database, this.#outbox);
    const parts = { database, counters: this.counters, blobs, journal: this.journal, outbox: this.#outbox };
    this.#accounts = new AccountCommit(parts);
    this.#pruner = new Pruner(parts);
    this.#directory = new DirectoryCommit(parts, (account, batch) => {
      const outcome = this.#apply({ account, batch, options: {} }, Date.now());
      return 'refused' in outcome ? outcome.refused : undefined;
    });
  }

  run(call: UnitCall, now: number): Outcome {
    switch (call.call) {
      case 'apply':
        return this.#apply(call, now);
      case 'together':
        return this.#together(call, now);
      case 'addSteps':
        this.journal.addSteps(call.steps);
        return { value: undefined };
      case 'accept':
        return this.#accept(call, now);
      case 'claim':
        return { value: this.#queue.claim(call.ask) };
      case 'extend':
        return this.#queue.extend(call.lease, call.until) ? { value: undefined } : FENCED;
      case 'settle':
        return this.#queue.settle(call.lease, call.settlement) ? this.#told(undefined, call.steps) : FENCED;
      case 'changeItem': {
        const done = this.#queue.change(call.item, call.change);
        return this.#told(done, done ? call.steps : []);
      }
      case 'directory':
        return this.#changeDirectory(call);
      default:
        return { value: this.#pruner.prune(call.rows) };
    }
  }

  #told(value: unknown, steps: readonly StepRow[]): Outcome {
    this.journal.addSteps(steps);
    return { value };
  }

  #apply(
    { account, batch, options }: Readonly<{ account: AccountId; batch: readonly Command[]; options: ApplyOptions }>,
    now: number,
  ): ApplyOutcome {
    const row = this.counters.account(account);
    if (row === undefined) return { refused: refuse('accountClosed'), wrote: false };
    const known = options.effectId === undefined ? undefined : this.#effects.find(account, options.effectId);
    if (known !== undefined) return { value: [known.modseq, false, known.results] };
    if (options.ifModseq !== undefined && row.modseq > options.ifModseq) {
      return { refused: refuse('notAllowed', { why: 'the account has moved on' }), wrote: false };
    }
    const done = this.#accounts.run(row, batch, now);
    if ('refused' in done) return { refused: done.refused, wrote: done.before > 0 };
    const results = JSON.stringify(done);
    if (options.effectId !== undefined) this.#effects.add(account, options.effectId, { modseq: row.modseq, results, at: now });
    return { value: [row.modseq, true, results] };
  }

  #together({ writes, message, steps }: Of<'together'>, now: number): Outcome {
    const values: AppliedValue[] = [];
    for (const { account, batch, effectId } of writes) {
      const outcome = this.#apply({ account, batch, options: effectId === undefined ? {} : { effectId } }, now);
      if ('refused' in outcome) return { refused: outcome.refused, wrote: outcome.wrote || values.length > 0 };
      values.push(outcome.value);
    }
    // All was one commit: when a part of it was done before, so was this.
    if (values.some(([, firstTime]) => !firstTime)) return { value: values };
    const refused = message === undefined ? undefined : this.#outbox.add(message);
    return refused === undefined ? this.#told(values, steps) : { refused, wrote: values.length > 0 };
  }

  #accept({ message, steps, effectId }: Of<'accept'>, now: number): Outcome {
    if (effectId !== undefined && this.#effects.find(message.owner, effectId) !== undefined) return { value: undefined };
    this.#enqueue(message);
    if (effectId !== undefined) this.#effects.add(message.owner, effectId, { modseq: 0, results: '[]', at: now });
    return this.#told(undefined, steps);
  }

  #enqueue(message: QueuedMessage): void {
    const refused = this.#outbox.add(message);
    if (refused !== undefined) throw new Error(`the queue cannot take this message: ${refused.refusal}`);
  }

  #changeDirectory({ changes }: Of<'directory'>): Outcome {
    for (const change of changes) {
      const refused = this.#directory.change(change);
      if (refused !== undefined) return { refused, wrote: true };
    }
    return { value: undefined };
  }
}
