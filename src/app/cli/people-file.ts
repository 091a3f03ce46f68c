/**
 * Lists of people as schools have them: CSV, TSV or JSON lines with address,
 * name and password; a first line with these words says the order.
 */
import { EXIT, fail, fine, type Reply } from './command.ts';

export type Row = Readonly<{ line: number; address: string; name: string; password: string | undefined }>;

/** The server takes so many at once (service/accounts). */
const ROWS_LIMIT = 20_000;
const COLUMNS = ['address', 'name', 'password'] as const;
/** What the first column is called elsewhere. */
const SYNONYMS: Readonly<Record<string, (typeof COLUMNS)[number]>> = {
  email: 'address',
  'e-mail': 'address',
  mail: 'address',
  adres: 'address',
  naam: 'name',
  'display name': 'name',
  wachtwoord: 'password',
};

type Line = Readonly<{ line: number; cells: readonly string[] }>;

export function readPeople(text: string): Reply<readonly Row[]> {
  const plain = text.replace(/^\ufeff/, '');
  const rows = plain.trimStart().startsWith('{') ? jsonLines(plain) : separated(plain);
  if (!rows.ok) return rows;
  if (rows.value.length === 0) return fail(EXIT.usage, 'There is nobody in that file.');
  if (rows.value.length > ROWS_LIMIT) return fail(EXIT.usage, `There are more than ${ROWS_LIMIT} people in that file; divide it.`);
  return rows;
}

function jsonLines(text: string): Reply<readonly Row[]> {
  const rows: Row[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = jsonRow(line, at + 1);
    if (row === undefined)
      return fail(EXIT.usage, `Line ${at + 1} is not a JSON object with an address: {"address":"…","name":"…","password":"…"}.`);
    rows.push(row);
  }
  return fine(rows);
}

function jsonRow(line: string, at: number): Row | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const text = (key: string): string | undefined => {
    const found = (value as Readonly<Record<string, unknown>>)[key];
    return typeof found === 'string' ? found : undefined;
  };
  const address = text('address');
  return address === undefined ? undefined : { line: at, address, name: text('name') ?? '', password: text('password') };
}

function separated(text: string): Reply<readonly Row[]> {
  const records = cellsOf(text, separatorOf(text));
  if (!records.ok) return records;
  const [first, ...rest] = records.value;
  if (first === undefined) return fine([]);
  const heads = first.cells.map((cell) => columnOf(cell));
  const hasHeads = heads.includes('address') && !first.cells.some((cell) => cell.includes('@'));
  const order = hasHeads ? heads : COLUMNS;
  return fine((hasHeads ? rest : records.value).map(({ line, cells }) => rowOf(line, cells, order)));
}

function columnOf(cell: string): (typeof COLUMNS)[number] | undefined {
  const word = cell.trim().toLowerCase();
  return COLUMNS.find((column) => column === word) ?? (Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : undefined);
}

function rowOf(line: number, cells: readonly string[], order: readonly (string | undefined)[]): Row {
  const cell = (name: string): string => {
    const at = order.indexOf(name);
    return at < 0 ? '' : (cells[at] ?? '');
  };
  // A password keeps its spaces; an empty one is none, and will be made.
  const password = cell('password');
  return { line, address: cell('address').trim(), name: cell('name').trim(), password: password === '' ? undefined : password };
}

/** Whichever of tab, semicolon and comma stands most in the first line. */
function separatorOf(text: string): string {
  const first = text.split('\n', 1)[0] ?? '';
  const amount = (mark: string): number => first.split(mark).length;
  return ['\t', ';', ','].reduce((best, mark) => (amount(mark) > amount(best) ? mark : best), ',');
}

/** RFC 4180: quotes around cells with separators, line breaks or quotes in them. Lines that are empty or begin with # are left out. */
function cellsOf(text: string, separator: string): Reply<readonly Line[]> {
  const records: Line[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const start = line;
    const cells: string[] = [];
    for (let isEnd = false; !isEnd; ) {
      const cell = text[at] === '"' ? quoted(text, at) : bare(text, at, separator);
      if (cell === undefined) return fail(EXIT.usage, `Line ${start} has a quote that does not end.`);
      cells.push(cell.value);
      line += cell.value.split('\n').length - 1;
      at = cell.end;
      if (text[at] === '\r') at++;
      isEnd = text[at] !== separator;
      if (isEnd && at < text.length && text[at] !== '\n') return fail(EXIT.usage, `Line ${start} goes on behind a closing quote.`);
      at++;
    }
    line++;
    const isNothing = cells.length === 1 && (cells[0] ?? '').trim() === '';
    if (!isNothing && !(cells[0] ?? '').startsWith('#')) records.push({ line: start, cells });
  }
  return fine(records);
}

type Cell = Readonly<{ value: string; end: number }>;

function bare(text: string, from: number, separator: string): Cell {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== '\n') end++;
  const value = text.slice(from, text[end] === '\n' && text[end - 1] === '\r' ? end - 1 : end);
  return { value, end };
}

function quoted(text: string, from: number): Cell | undefined {
  const parts: string[] = [];
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return undefined;
    parts.push(text.slice(at, quote));
    if (text[quote + 1] !== '"') return { value: parts.join('"'), end: quote + 1 };
    at = quote + 2;
  }
}
