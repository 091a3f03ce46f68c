/** Writes that were decided on from what the index shows, and are done only if nothing has changed since. */
import type { Command } from '../../core/command.ts';
import type { Applied } from '../../core/ports/store.ts';
import { isRefusal, refuse, type Refusal } from '../../core/refusal.ts';
import type { IndexRows } from './index-rows.ts';
import { DECISIONS } from './limits.ts';
import type { LiveAccount } from './live-account.ts';

/** How it was decided; without commands there is nothing to do. */
export type Decision = Readonly<{ batch: readonly Command[] }>;

/**
 * Decides, writes, and decides again when somebody was quicker: so a message
 * never loses its last place because another device moved it meanwhile. With
 * `ifModseq`, `notAllowed` when the account has moved on from there.
 */
export async function writeDecided<Made extends Decision>(
  live: LiveAccount,
  decide: (rows: IndexRows) => Made | Refusal,
  ifModseq?: number,
): Promise<Readonly<{ made: Made; applied?: Applied }> | Refusal> {
  for (let tries = 0; tries < DECISIONS; tries++) {
    const { rows, upTo } = await live.openRows();
    if (ifModseq !== undefined && upTo > ifModseq) return refuse('notAllowed', { why: 'the account has moved on' });
    const made = decide(rows);
    if (isRefusal(made) || made.batch.length === 0) return isRefusal(made) ? made : { made };
    const applied = await live.write(made.batch, { ifModseq: upTo });
    if (!isRefusal(applied)) return { made, applied };
    // The only thing of all that is decided here which the store may not allow.
    if (applied.refusal !== 'notAllowed') return applied;
  }
  return refuse('trouble', { why: 'the account changes too fast' });
}
