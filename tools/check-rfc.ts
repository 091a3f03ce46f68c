/**
 * Holds docs/rfc-ledger.tsv against the marks in the code: what the code cites
 * has a row, and what a row calls done or partly done is cited where it says.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LEDGER = 'docs/rfc-ledger.tsv';
const COLUMNS = ['RFC', 'Title', 'State', 'Where', 'Remarks'] as const;
const STATES: ReadonlySet<string> = new Set(['done', 'partly', 'later']);
const MARK = /\bRFC (\d{3,5})\b/g;

/** `where`: files under src/. */
export type LedgerRow = Readonly<{ line: number; rfc: string; title: string; state: string; where: readonly string[] }>;
/** A file under src/ and the RFCs its text cites. */
export type Marks = ReadonlyMap<string, ReadonlySet<string>>;

const isProof = (path: string): boolean => !/\.(test|contract|bench)\.ts$|testdata\//.test(path);

export function marksIn(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(MARK), ([, rfc = '']) => rfc));
}

/** The rows, and a sentence for every line that is none. */
export function readLedger(text: string): Readonly<{ rows: readonly LedgerRow[]; complaints: readonly string[] }> {
  const [head = '', ...lines] = text.replace(/\n$/, '').split('\n');
  const complaints = head === COLUMNS.join('\t') ? [] : [`${LEDGER}:1 should name the columns ${COLUMNS.join(', ')}, with tabs between`];
  const rows = lines.map((line, at): LedgerRow => {
    const cells = line.split('\t');
    const [rfc = '', title = '', state = '', where = ''] = cells;
    if (cells.length !== COLUMNS.length) complaints.push(`${LEDGER}:${at + 2} has ${cells.length} columns instead of ${COLUMNS.length}`);
    return { line: at + 2, rfc, title, state, where: where.split(' ').filter((path) => path !== '') };
  });
  return { rows, complaints };
}

/** What is wrong with the rows, or with code that has none. */
export function holdAgainst(rows: readonly LedgerRow[], marks: Marks): string[] {
  const known = new Set(rows.map(({ rfc }) => rfc));
  const unlisted = [...marks].flatMap(([path, cited]) =>
    [...cited].filter((rfc) => !known.has(rfc)).map((rfc) => `src/${path} cites RFC ${rfc}, which has no row in ${LEDGER}`),
  );
  const wrong = rows.flatMap((row, at) =>
    whatIsWrong(row, rows[at - 1], marks).map((why) => `${LEDGER}:${row.line} RFC ${row.rfc} ${why}`),
  );
  return [...wrong, ...unlisted];
}

function whatIsWrong({ rfc, title, state, where }: LedgerRow, before: LedgerRow | undefined, marks: Marks): string[] {
  const wrong: string[] = [];
  if (!/^\d{3,5}$/.test(rfc)) wrong.push('is not a number');
  if (before !== undefined && Number(before.rfc) >= Number(rfc)) wrong.push(`stands after RFC ${before.rfc}: rows ascend, one for each`);
  if (title === '') wrong.push('has no title');
  if (!STATES.has(state)) wrong.push(`is "${state}": write done, partly or later`);
  wrong.push(...where.filter((path) => !existsSync(join('src', path))).map((path) => `names src/${path}, which is not there`));
  const isProven = where.some((path) => isProof(path) && marks.get(path)?.has(rfc) === true);
  if ((state === 'done' || state === 'partly') && !isProven) wrong.push(`is called ${state}, but no file it names cites it`);
  return wrong;
}

function marksUnderSrc(): Marks {
  const paths = globSync('**/*.{ts,sql,md}', { cwd: 'src' }).sort();
  return new Map(paths.map((path) => [path, marksIn(readFileSync(join('src', path), 'utf8'))]));
}

/** All complaints about the tree in the working directory. */
export function checkRfc(): string[] {
  if (!existsSync(LEDGER)) return [`${LEDGER} is missing`];
  const { rows, complaints } = readLedger(readFileSync(LEDGER, 'utf8'));
  return [...complaints, ...holdAgainst(rows, marksUnderSrc())];
}

if (import.meta.main) {
  const complaints = checkRfc();
  for (const complaint of complaints) console.error(`check: ${complaint}`);
  process.exit(complaints.length === 0 ? 0 : 1);
}
