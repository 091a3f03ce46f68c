/** Forgetting what is past its time, bit by bit: the upkeep thread finds it, the writer removes it between deliveries. */
import { UPLOAD_KEPT_MS } from '../../core/ports/store.ts';
import type { Prunable } from './asks.ts';
import type { PruneRows } from './calls.ts';
import type { AskLine, CallLine } from './line.ts';

const DAY_MS = 86_400_000;
/** Twice the longest life of a queued message, so that no retry can come later. */
const EFFECT_DAYS = 14;
/** After this a client that was away synchronises anew. */
const LOG_DAYS = 60;

export type Lines = Readonly<{ writer: CallLine; reader: AskLine; upkeep: AskLine }>;

export async function tidy(lines: Lines, { now, journeysBefore }: Readonly<{ now: number; journeysBefore: number }>): Promise<void> {
  await lines.writer.call({ call: 'forgetLoose', now });
  await prune(lines, 'closed', 0);
  await prune(lines, 'uploads', now - UPLOAD_KEPT_MS);
  await prune(lines, 'effects', now - EFFECT_DAYS * DAY_MS);
  await prune(lines, 'log', now - LOG_DAYS * DAY_MS);
  await prune(lines, 'steps', journeysBefore);
  await rewritePacks(lines);
}

async function prune({ writer, upkeep }: Lines, what: PruneRows['what'], before: number): Promise<void> {
  let after: number | null = 0;
  while (after !== null) {
    const found = (await upkeep.ask({ ask: 'prunable', what, before, after })) as Prunable;
    if (found.rows.length > 0) await writer.call({ call: 'prune', rows: { what, rows: found.rows } });
    after = found.after;
  }
}

async function rewritePacks({ writer, reader, upkeep }: Lines): Promise<void> {
  const packs = (await upkeep.ask({ ask: 'wasteful' })) as readonly number[];
  for (const pack of packs) {
    const removed = await writer.call({ call: 'rewritePack', pack });
    if (removed === true) await reader.ask({ ask: 'forgetPack', pack });
  }
}
