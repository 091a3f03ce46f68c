/** Medians, ratios, and the table they are read in. */
import type { Load } from './harness.ts';
import type { Measure, Party } from './measures.ts';

export type Row = Readonly<{ measure: Measure; loads: ReadonlyMap<Party, readonly Load[]> }>;

/** What one party did in one measure: medians of its runs. */
export type Figure = Readonly<{ rate: number; cpuMs: number | null; otherCpu: number; isWhole: boolean }>;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}

export function figureOf(loads: readonly Load[]): Figure {
  const cpu = loads.map(({ cpuMsPerMessage }) => cpuMsPerMessage).filter((value) => value !== null);
  return {
    rate: median(loads.map(({ rate }) => rate)),
    cpuMs: cpu.length === 0 ? null : median(cpu),
    otherCpu: median(loads.map(({ otherCpu }) => otherCpu)),
    isWhole: loads.every(({ isWhole }) => isWhole),
  };
}

/**
 * Ours against another, round by round: the two runs of a round stand next to
 * each other in time, so what else the machine did weighs on both alike.
 */
export function ratio(row: Row, other: Party): number | undefined {
  const [mine, theirs] = [row.loads.get('ours') ?? [], row.loads.get(other) ?? []];
  const rounds = mine.map(({ rate }, at) => rate / (theirs[at]?.rate ?? 0)).filter(Number.isFinite);
  return rounds.length === 0 ? undefined : median(rounds);
}

const NAMES: Readonly<Record<Party, string>> = {
  ours: 'eigenpost',
  bare: 'bare loop',
  postfix: 'Postfix',
  maildir: 'Postfix + Dovecot maildir',
  mdbox: 'Postfix + Dovecot mdbox',
};

export function markdown(rows: readonly Row[]): string {
  const lines = [
    '| measure | server | messages/s | server CPU ms/message | other load | eigenpost ÷ it | target |',
    '|---|---|---|---|---|---|---|',
  ];
  for (const row of rows) {
    for (const [party, loads] of row.loads) {
      const { rate, cpuMs, otherCpu, isWhole } = figureOf(loads);
      const times = party === 'ours' ? undefined : ratio(row, party);
      const target = row.measure.targets[party];
      const verdict = target === undefined || times === undefined ? '' : `≥ ${target}× ${times >= target ? 'met' : '**missed**'}`;
      lines.push(
        `| ${row.measure.name} | ${NAMES[party]} | ${rate.toFixed(0)}${isWhole ? '' : ' (not all!)'} | ${cpuMs?.toFixed(3) ?? '–'} | ` +
          `${(otherCpu * 100).toFixed(0)} % | ${times === undefined ? '' : `${times.toFixed(2)}×`} | ${verdict} |`,
      );
    }
  }
  return lines.join('\n');
}
