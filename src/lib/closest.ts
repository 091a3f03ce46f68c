/** "Did you mean …?": the candidate with the fewest slips of the finger between it and what was typed. */

/** Longer words are not compared: nobody mistypes a novel, and the work grows with the square. */
const WORD_LIMIT = 64;

/** Letters changed, dropped, added or swapped with their neighbour (Damerau–Levenshtein, restricted). */
export function slips(a: string, b: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row[j] = least;
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

/** Undefined when nothing is near enough to be what was meant. */
export function closest(typed: string, candidates: Iterable<string>): string | undefined {
  if (typed.length > WORD_LIMIT) return undefined;
  const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_\s]/g, '');
  let best: string | undefined;
  let fewest = Math.max(2, Math.ceil(typed.length / 3));
  for (const candidate of candidates) {
    if (candidate.length > WORD_LIMIT) continue;
    const count = slips(plain(typed), plain(candidate));
    if (count < fewest || (count === fewest && best === undefined)) [best, fewest] = [candidate, count];
  }
  return best;
}
