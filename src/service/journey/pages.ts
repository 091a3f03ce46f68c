/** An owner's sealed rows by journey, newest first, page by page; the next page is asked for while this one is looked at. */
import type { StepRow } from '../../core/command.ts';
import type { JourneyId } from '../../core/ids.ts';
import type { Store } from '../../core/ports/store.ts';

/** The rows of one journey, in their order. */
export type Group = Readonly<{ journey: JourneyId; rows: readonly StepRow[] }>;

/** Of all that lies below `before` and not below `from`, `size` journeys at a time. */
export type PageAsk = Readonly<{ before?: JourneyId; from?: JourneyId; size: number }>;

export async function* pagesOf(rows: ReturnType<Store['journeys']>, { size, ...window }: PageAsk): AsyncGenerator<readonly Group[]> {
  let next: Promise<readonly StepRow[]> | undefined = rows.read({ ask: 'journeys', limit: size, ...window });
  while (next !== undefined) {
    const groups = grouped(await next);
    const last = groups.at(-1);
    if (last === undefined) return;
    next = groups.length < size ? undefined : rows.read({ ask: 'journeys', limit: size, ...window, before: last.journey });
    // Whoever has found enough does not come back to hear that it failed.
    next?.catch(() => undefined);
    yield groups;
  }
}

/** Rows by journey, each journey's rows in their order. */
function grouped(rows: readonly StepRow[]): readonly Group[] {
  const groups: { journey: JourneyId; rows: StepRow[] }[] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last?.journey === row.journey) last.rows.push(row);
    else groups.push({ journey: row.journey, rows: [row] });
  }
  for (const { rows: own } of groups) if (own.length > 1) own.sort((a, b) => a.seq - b.seq);
  return groups;
}
