/**
 * Group commit. Everything that waits becomes one transaction: first the
 * bodies are written and flushed, then the rows that name them, then one
 * COMMIT for all. A body is therefore always durable before a row names it.
 *
 * The group runs without savepoints, because nearly always everything
 * succeeds. When a unit is refused half way, or fails, all is rolled back and
 * run again with a savepoint for each, so that it harms no neighbour.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { BodySource, Command } from '../../core/command.ts';
import type { BlobId } from '../../core/ids.ts';
import { Blobs } from './blobs.ts';
import type { Body, BodyPacks, Moving, Place } from './bodies.ts';
import { type Answer, type AppliedValue, NOTHING_TOLD, type Reply } from './calls.ts';
import { commitFailure, type Failure, failure } from './faults.ts';
import type { Hooks } from './hooks.ts';
import type { News } from './journal.ts';
import { type Outcome, type UnitCall, Units } from './units.ts';

export type Work = Readonly<{ id: number; call: UnitCall }>;
export type WriterParts = Readonly<{ database: DatabaseSync; bodies: BodyPacks; hooks: Hooks; now: () => number }>;

/** A unit must be taken back, but has no savepoint: the group is run again with care. */
class NeedsCare extends Error {}

const noNews = (): News => ({ logged: [], journeys: [] });
const inlineBody = (body: BodySource): Body[] => (body.kind === 'inline' ? [body] : []);

function bodiesOf(call: UnitCall): Body[] {
  switch (call.call) {
    case 'apply':
      return bodiesOfBatch(call.batch);
    case 'together':
      return [
        ...call.writes.flatMap(({ batch }) => bodiesOfBatch(batch)),
        ...(call.message === undefined ? [] : inlineBody(call.message.body)),
      ];
    case 'accept':
      return inlineBody(call.message.body);
    case 'directory':
      return call.changes.flatMap((change) => (change.do === 'openAccount' ? bodiesOfBatch(change.batch) : []));
    default:
      return [];
  }
}

function bodiesOfBatch(batch: readonly Command[]): Body[] {
  const bodies: Body[] = [];
  for (const command of batch) {
    if (command.do === 'addEmail' || command.do === 'addUpload') bodies.push(...inlineBody(command.body));
    else if (command.do === 'enqueue') bodies.push(...inlineBody(command.message.body));
  }
  return bodies;
}

export class Writer {
  readonly #database: DatabaseSync;
  readonly #bodies: BodyPacks;
  readonly #hooks: Hooks;
  readonly #now: () => number;
  readonly #blobs: Blobs;
  readonly #units: Units;

  constructor({ database, bodies, hooks, now }: WriterParts) {
    this.#database = database;
    this.#bodies = bodies;
    this.#hooks = hooks;
    this.#now = now;
    this.#blobs = new Blobs(database);
    this.#units = new Units(database, this.#blobs);
  }

  /** One group. The answers come in the order of the calls; what they tell was committed. */
  commit(works: readonly Work[]): Reply {
    const { ready, failed } = this.#writeBodies(works);
    const reply = this.#commitRows(ready);
    this.#blobs.endGroup();
    return failed.length === 0 ? reply : { ...reply, answers: [...failed, ...reply.answers] };
  }

  addLoose(blob: BlobId, place: Place): void {
    this.#blobs.addLoose(blob, place, this.#now());
  }

  forgetLoose(now: number): void {
    this.#blobs.forgetLoose(now);
  }

  /** Moves the wanted bodies out of a pack step by step, each step a commit, and removes it at the end. False for the pack that is written to. */
  *rewritePack(pack: number): Generator<undefined, boolean> {
    if (pack === this.#bodies.active) return false;
    for (const moving of this.#bodies.moveOut(pack, (blob, from) => this.#blobs.isWanted(blob, from))) {
      this.#move(moving);
      yield;
    }
    this.#bodies.removePack(pack);
    return true;
  }

  #move(moving: Moving): void {
    // Between two steps an email may have gone: what nobody wants is not moved.
    const wanted = moving.filter(({ blob, from }) => this.#blobs.isWanted(blob, from));
    if (wanted.length === 0) return;
    const places = this.#bodies.append(wanted);
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      wanted.forEach(({ blob }, row) => this.#blobs.moved(blob, places[row] as Place));
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  #writeBodies(works: readonly Work[]): { ready: readonly Work[]; failed: Answer[] } {
    const withBodies = works.map((work) => ({ work, bodies: bodiesOf(work.call) }));
    const all = withBodies.flatMap(({ bodies }) => bodies);
    if (all.length === 0) return { ready: works, failed: [] };
    try {
      this.#hooks.at('beforePack');
      const places = this.#bodies.append(all);
      this.#hooks.at('afterPack');
      all.forEach(({ blob }, row) => this.#blobs.setFresh(blob, places[row] as Place));
      return { ready: works, failed: [] };
    } catch (error) {
      const answer = failure(error);
      const failed = withBodies.filter(({ bodies }) => bodies.length > 0).map(({ work }) => ({ id: work.id, ...answer }));
      return { ready: withBodies.filter(({ bodies }) => bodies.length === 0).map(({ work }) => work), failed };
    }
  }

  #commitRows(works: readonly Work[]): Reply {
    if (works.length === 0) return { answers: [], ...NOTHING_TOLD };
    try {
      return this.#attempt(works, false);
    } catch {
      this.#rollBack();
    }
    try {
      return this.#attempt(works, true);
    } catch (error) {
      this.#rollBack();
      return this.#allFailed(works, failure(error));
    }
  }

  /** Throws when it must be done with care, or cannot be done; the transaction is then still open. */
  #attempt(works: readonly Work[], careful: boolean): Reply {
    const now = this.#now();
    const reply = { answers: [] as Answer[], applied: [] as (number | boolean | string)[], ...noNews() };
    this.#database.exec('BEGIN IMMEDIATE');
    for (const { id, call } of works) {
      const outcome = careful ? this.#runCarefully(call, now) : this.#run(call, now);
      const told = this.#units.journal.take();
      if ('value' in outcome) {
        reply.logged.push(...told.logged);
        reply.journeys.push(...told.journeys);
      }
      if ('value' in outcome && call.call === 'apply') reply.applied.push(id, ...(outcome.value as AppliedValue));
      else reply.answers.push('refused' in outcome ? { id, value: outcome.refused } : { id, ...outcome });
    }
    this.#units.counters.flush();
    const failed = this.#end();
    return failed === undefined ? reply : this.#allFailed(works, failed);
  }

  #end(): Failure | undefined {
    let explain = failure;
    try {
      this.#hooks.at('beforeCommit');
      explain = commitFailure;
      this.#database.exec('COMMIT');
      this.#hooks.at('afterCommit');
      return undefined;
    } catch (error) {
      this.#rollBack();
      return explain(error);
    }
  }

  #run(call: UnitCall, now: number): Outcome {
    const outcome = this.#units.run(call, now);
    if ('refused' in outcome && outcome.wrote) throw new NeedsCare();
    this.#units.counters.keepBatch();
    return outcome;
  }

  #runCarefully(call: UnitCall, now: number): Outcome | Failure {
    this.#database.exec('SAVEPOINT unit');
    let outcome: Outcome | Failure;
    try {
      outcome = this.#units.run(call, now);
    } catch (error) {
      outcome = failure(error);
      // After some errors SQLite has rolled back everything on its own: then nobody's part is left.
      if (!this.#database.isTransaction) throw error;
    }
    if ('value' in outcome) this.#units.counters.keepBatch();
    else {
      this.#database.exec('ROLLBACK TO unit');
      this.#units.counters.undoBatch();
    }
    this.#database.exec('RELEASE unit');
    return outcome;
  }

  #rollBack(): void {
    this.#units.counters.forget();
    this.#units.journal.take();
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  #allFailed(works: readonly Work[], answer: Failure): Reply {
    return { answers: works.map(({ id }) => ({ id, ...answer })), ...NOTHING_TOLD };
  }
}
