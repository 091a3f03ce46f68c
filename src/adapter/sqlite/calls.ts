/** What may be asked of the storage thread, how it travels there, and what comes back. */
import type { AccountWrite, Command, QueuedMessage, StepRow } from '../../core/command.ts';
import type { FaultOutcome } from '../../core/fault.ts';
import type { AccountId, BlobId, QueueItemId } from '../../core/ids.ts';
import type { ApplyOptions, DirectoryChange, ItemChange, Settlement } from '../../core/ports/store.ts';
import type { Refusal } from '../../core/refusal.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { ClaimAsk, Lease } from './queue-commit.ts';
import type { Parcel, WireReader, WireWriter } from './wire.ts';
import { readBatch, readMessage, readSteps, writeBatch, writeMessage, writeSteps } from './wire-commands.ts';
import { readDirectoryChange, writeDirectoryChange } from './wire-directory.ts';

export type Call =
  | Readonly<{ call: 'apply'; account: AccountId; batch: readonly Command[]; options: ApplyOptions }>
  | Readonly<{ call: 'together'; writes: readonly AccountWrite[]; message: QueuedMessage | undefined; steps: readonly StepRow[] }>
  | Readonly<{ call: 'addSteps'; steps: readonly StepRow[] }>
  | Readonly<{ call: 'accept'; message: QueuedMessage; steps: readonly StepRow[]; effectId: Uint8Array | undefined }>
  | Readonly<{ call: 'claim'; ask: ClaimAsk }>
  | Readonly<{ call: 'extend'; lease: Lease; until: number }>
  | Readonly<{ call: 'settle'; lease: Lease; settlement: Settlement; steps: readonly StepRow[] }>
  | Readonly<{ call: 'changeItem'; item: QueueItemId; change: ItemChange; steps: readonly StepRow[] }>
  | Readonly<{ call: 'directory'; changes: readonly DirectoryChange[] }>
  | Readonly<{ call: 'openBody'; blob: BlobId }>
  | Readonly<{ call: 'writeBody'; blob: BlobId; parts: readonly Uint8Array[] }>
  | Readonly<{ call: 'finishBody' | 'abortBody'; blob: BlobId }>
  /** Rows past their time, found by the upkeep thread (upkeep.ts). */
  | Readonly<{ call: 'prune'; rows: PruneRows }>
  | Readonly<{ call: 'forgetLoose'; now: number }>
  | Readonly<{ call: 'rewritePack'; pack: number }>
  | Readonly<{ call: 'close' }>;

/** One message to the storage thread. */
export type CallParcel = Readonly<{ parcel: Parcel; calls: number }>;

/** Rows to remove; of `closed`, accounts. */
export type PruneRows = Readonly<{ what: 'effects' | 'steps' | 'log' | 'uploads' | 'closed'; rows: readonly number[] }>;

/** What came of a call. `value` depends on it: apply gives [modseq, firstTime, results in JSON]. */
export type Answer = Readonly<{ id: number } & ({ value: unknown } | { fault: FaultOutcome; why: string } | { bug: string })>;

export type AppliedValue = readonly [modseq: number, firstTime: boolean, results: string];
/**
 * One group's answers and news. What every delivery brings is flat, because
 * cloning a list of small objects costs more than writing the rows.
 */
export type Reply = Readonly<{
  answers: readonly Answer[];
  /** Answers of `apply` that were not refused. */
  applied: readonly FlatApplied[];
  logged: readonly FlatLogged[];
  journeys: readonly FlatJourney[];
}>;
/** id, modseq, firstTime, results; again and again. */
type FlatApplied = number | boolean | string;
/** account, modseq, items; again and again. */
type FlatLogged = number | string;
/** owner, journey; again and again. */
type FlatJourney = number | string;
export const NOTHING_TOLD = { applied: [], logged: [], journeys: [] } as const;
export type ApplyValue = AppliedValue | Refusal;

const CALLS = [
  'apply',
  'together',
  'addSteps',
  'accept',
  'claim',
  'extend',
  'settle',
  'changeItem',
  'directory',
  'openBody',
  'writeBody',
  'finishBody',
  'abortBody',
  'prune',
  'forgetLoose',
  'rewritePack',
  'close',
] as const satisfies readonly Call['call'][];
const NUMBER_OF = new Map<Call['call'], number>(CALLS.map((call, number) => [call, number]));

export function writeCall(wire: WireWriter, id: number, call: Call): void {
  wire.number(id);
  wire.number(NUMBER_OF.get(call.call) ?? -1);
  writeArguments(wire, call);
}

function writeArguments(wire: WireWriter, call: Call): void {
  switch (call.call) {
    case 'apply':
      wire.number(call.account);
      wire.optionalBytes(call.options.effectId);
      wire.optional(call.options.ifModseq);
      return writeBatch(wire, call.batch);
    case 'together':
      wire.number(call.writes.length);
      for (const write of call.writes) writeAccountWrite(wire, write);
      writeSteps(wire, call.steps);
      wire.flag(call.message !== undefined);
      return call.message === undefined ? undefined : writeMessage(wire, call.message);
    case 'addSteps':
      return writeSteps(wire, call.steps);
    case 'accept':
      writeMessage(wire, call.message);
      writeSteps(wire, call.steps);
      return wire.optionalBytes(call.effectId);
    case 'writeBody':
      wire.number(call.blob);
      wire.number(call.parts.length);
      return call.parts.forEach((part) => wire.bytes(part));
    case 'openBody':
    case 'finishBody':
    case 'abortBody':
      return wire.number(call.blob);
    case 'prune':
      wire.text(call.rows.what);
      wire.number(call.rows.rows.length);
      return call.rows.rows.forEach((row) => wire.number(row));
    case 'forgetLoose':
      return wire.number(call.now);
    case 'rewritePack':
      return wire.number(call.pack);
    case 'close':
      return undefined;
    case 'directory':
      wire.number(call.changes.length);
      return call.changes.forEach((change) => writeDirectoryChange(wire, change));
    default:
      return writeQueueCall(wire, call);
  }
}

export function readCall(wire: WireReader): Readonly<{ id: number; call: Call }> {
  const id = wire.number();
  const kind = CALLS[wire.number()];
  if (kind === undefined) throw new Error('a call that nobody wrote');
  return { id, call: readArguments(wire, kind) };
}

function readArguments(wire: WireReader, call: Call['call']): Call {
  switch (call) {
    case 'apply':
      return readApply(wire);
    case 'together': {
      const writes = wire.list(() => readAccountWrite(wire));
      return { call, writes, steps: readSteps(wire), message: wire.flag() ? readMessage(wire) : undefined };
    }
    case 'addSteps':
      return { call, steps: readSteps(wire) };
    case 'accept':
      return { call, message: readMessage(wire), steps: readSteps(wire), effectId: wire.optionalBytes() ?? undefined };
    case 'writeBody':
      return { call, blob: wire.number(), parts: wire.list(() => wire.bytes()) };
    case 'openBody':
      return { call, blob: wire.number() };
    case 'finishBody':
    case 'abortBody':
      return { call, blob: wire.number() };
    case 'prune':
      return { call, rows: { what: wire.text(), rows: wire.list(() => wire.number()) } };
    case 'forgetLoose':
      return { call, now: wire.number() };
    case 'rewritePack':
      return { call, pack: wire.number() };
    case 'close':
      return { call };
    case 'directory':
      return { call, changes: wire.list(() => readDirectoryChange(wire)) };
    default:
      return readQueueCall(wire, call);
  }
}

function readApply(wire: WireReader): Call {
  const account = wire.number<AccountId>();
  const effectId = wire.optionalBytes();
  const ifModseq = wire.optional();
  const options = { ...(effectId === null ? {} : { effectId }), ...(ifModseq === null ? {} : { ifModseq }) };
  return { call: 'apply', account, options, batch: readBatch(wire) };
}

function writeAccountWrite(wire: WireWriter, { account, batch, effectId }: AccountWrite): void {
  wire.number(account);
  writeBatch(wire, batch);
  wire.optionalBytes(effectId);
}

function readAccountWrite(wire: WireReader): AccountWrite {
  const account = wire.number<AccountId>();
  const batch = readBatch(wire);
  const effectId = wire.optionalBytes();
  return { account, batch, ...(effectId === null ? {} : { effectId }) };
}

type QueueCall = Extract<Call, { call: 'claim' | 'extend' | 'settle' | 'changeItem' }>;

function writeQueueCall(wire: WireWriter, call: QueueCall): void {
  switch (call.call) {
    case 'claim':
      wire.text(call.ask.worker);
      for (const number of [call.ask.now, call.ask.leaseMs, call.ask.max, call.ask.except.length, ...call.ask.except]) wire.number(number);
      return;
    case 'extend':
      writeLease(wire, call.lease);
      return wire.number(call.until);
    case 'settle':
      writeLease(wire, call.lease);
      writeSettlement(wire, call.settlement);
      return writeSteps(wire, call.steps);
    case 'changeItem':
      wire.number(call.item);
      wire.text(call.change.set);
      wire.number(call.change.now);
      return writeSteps(wire, call.steps);
    default:
      return unreachable(call);
  }
}

function readQueueCall(wire: WireReader, call: QueueCall['call']): QueueCall {
  switch (call) {
    case 'claim': {
      const [worker, now, leaseMs, max] = [wire.text(), wire.number(), wire.number(), wire.number()];
      return { call, ask: { worker, now, leaseMs, max, except: wire.list(() => wire.number()) } };
    }
    case 'extend':
      return { call, lease: readLease(wire), until: wire.number() };
    case 'settle':
      return { call, lease: readLease(wire), settlement: readSettlement(wire), steps: readSteps(wire) };
    case 'changeItem':
      return { call, item: wire.number(), change: { set: wire.text(), now: wire.number() }, steps: readSteps(wire) };
    default:
      return unreachable(call);
  }
}

function writeLease(wire: WireWriter, { item, fence }: Lease): void {
  wire.number(item);
  wire.number(fence);
}

function readLease(wire: WireReader): Lease {
  return { item: wire.number(), fence: wire.number() };
}

function writeSettlement(wire: WireWriter, settlement: Settlement): void {
  wire.text(settlement.to);
  if (settlement.to === 'done') return;
  wire.optionalBytes(settlement.recipient);
  if (settlement.to === 'hold') return;
  wire.number(settlement.dueAt);
  wire.flag(settlement.counts);
}

function readSettlement(wire: WireReader): Settlement {
  const to = wire.text<Settlement['to']>();
  if (to === 'done') return { to };
  const recipient = wire.optionalBytes();
  const changed = recipient === null ? {} : { recipient };
  return to === 'hold' ? { to, ...changed } : { to, ...changed, dueAt: wire.number(), counts: wire.flag() };
}
