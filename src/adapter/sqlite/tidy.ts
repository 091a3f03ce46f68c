/** Forgetting what is past its time, bit by bit: the upkeep thread finds it, the writer removes it between deliveries. */
import { type TidyAsk, UPLOAD_KEPT_MS } from '../../core/ports/store.ts';
import type { Ask, JourneyOwner, OldSteps, Prunable } from './asks.ts';
import type { AskLine, CallLine } from './line.ts';

const DAY_MS = 86_400_000;
/** Twice the longest life of a queued message, so that no retry can come later. */
const EFFECT_DAYS = 14;
/** After this a client that was away synchronises anew. */
const LOG_DAYS = 60;

export type Lines = Readonly<{ writer: CallLine; reader: AskLine; upkeep: AskLine }>;

export async function tidy(lines: Lines, { now, journeysBefore }: TidyAsk): Promise<void> {
  await lines.writer.call({ call: 'forgetLoose', now });
  await prune(lines, 'closed', 0);
  await prune(lines, 'uploads', now - UPLOAD_KEPT_MS);
  await prune(lines, 'effects', now - EFFECT_DAYS * DAY_MS);
  await prune(lines, 'log', now - LOG_DAYS * DAY_MS);
  await pruneJourneys(lines, journeysBefore);
  await rewritePacks(lines);
}

async function prune({ writer, upkeep }: Lines, what: Extract<Ask, { ask: 'prunable' }>['what'], before: number): Promise<void> {
  let after: number | null = 0;
  while (after !== null) {
    const found = (await upkeep.ask({ ask: 'prunable', what, before, after })) as Prunable;
    if (found.rows.length > 0) await writer.call({ call: 'prune', rows: { what, rows: found.rows } });
    after = found.after;
  }
}

/** Each organisation has a time of its own, so owner by owner. */
async function pruneJourneys({ writer, upkeep }: Lines, journeysBefore: TidyAsk['journeysBefore']): Promise<void> {
  for (let after: number | undefined = -1; after !== undefined; ) {
    const found = (await upkeep.ask({ ask: 'journeyOwners', after })) as readonly JourneyOwner[];
    let owners = found.map(({ owner, organisation }) => ({ owner, before: journeysBefore(organisation) }));
    while (owners.length > 0) {
      const { rows, done } = (await upkeep.ask({ ask: 'oldSteps', owners })) as OldSteps;
      if (rows.length > 0) await writer.call({ call: 'prune', rows: { what: 'steps', rows } });
      owners = owners.slice(done);
    }
    after = found.at(-1)?.owner;
  }
}

async function rewritePacks({ writer, reader, upkeep }: Lines): Promise<void> {
  const packs = (await upkeep.ask({ ask: 'wasteful' })) as readonly number[];
  for (const pack of packs) {
    const removed = await writer.call({ call: 'rewritePack', pack });
    if (removed === true) await reader.ask({ ask: 'forgetPack', pack });
  }
}
