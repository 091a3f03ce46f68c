/** Journey rows on their way from the reading thread: as columns, because cloning a thousand small buffers costs more than reading them. */
import type { StepRow } from '../../core/command.ts';
import type { JourneyId, OwnerId } from '../../core/ids.ts';

/** `numbers` holds seq and at of each row, and where its octets end in `sealed`. */
export type StepColumns = Readonly<{ journeys: readonly JourneyId[]; numbers: Float64Array; sealed: Uint8Array }>;

const NUMBERS = 3;

export function packSteps(rows: readonly StepRow[]): StepColumns {
  const numbers = new Float64Array(rows.length * NUMBERS);
  const sealed = new Uint8Array(rows.reduce((size, row) => size + row.sealed.length, 0));
  let end = 0;
  for (const [index, row] of rows.entries()) {
    sealed.set(row.sealed, end);
    end += row.sealed.length;
    numbers.set([row.seq, row.at, end], index * NUMBERS);
  }
  return { journeys: rows.map(({ journey }) => journey), numbers, sealed };
}

/** The rows' octets are views into one buffer. */
export function unpackSteps(owner: OwnerId, { journeys, numbers, sealed }: StepColumns): StepRow[] {
  let start = 0;
  return journeys.map((journey, index) => {
    const [seq = 0, at = 0, end = 0] = numbers.subarray(index * NUMBERS, (index + 1) * NUMBERS);
    const row = { owner, journey, seq, at, sealed: sealed.subarray(start, end) };
    start = end;
    return row;
  });
}
