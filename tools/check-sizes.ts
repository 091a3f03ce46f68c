/** Watches the tail: names the ten longest files and functions, and fails past the hard bounds of docs/architecture.md. */
import { globSync, readFileSync } from 'node:fs';

/** Lines. `*.table.ts`, tests and testdata are exempt. */
const FILE_LIMIT = 400;
const FUNCTION_LIMIT = 60;

type Sized = Readonly<{ name: string; lines: number }>;

const exempt = (path: string): boolean => /\.table\.ts$|\.test\.ts$|\.contract\.ts$|testdata/.test(path);
const OPENS =
  /^(\s*)(?:export\s+)?(?:async\s+)?(?:function\s*\*?\s*(\w+)|(?:static\s+|async\s+|override\s+|get\s+|set\s+|\*)*(#?\w+)\s*(?:<[^>]*>)?\([^;]*\)?\s*(?::[^={]+)?\{\s*$|(?:const|let)\s+(\w+)\s*=\s*(?:async\s*)?(?:\([^;]*\)?|\w+)\s*(?::[^=]+)?=>\s*\{\s*$)/;
const KEYWORDS = new Set(['if', 'for', 'while', 'switch', 'catch', 'return', 'with']);

/** Functions by their opening line and the closing brace at the same indent: our formatter makes that exact. */
export function functionsIn(path: string, text: string): Sized[] {
  const lines = text.split('\n');
  const found: Sized[] = [];
  lines.forEach((line, start) => {
    const match = OPENS.exec(line);
    const name = match?.[2] ?? match?.[3] ?? match?.[4];
    if (match === null || name === undefined || KEYWORDS.has(name)) return;
    const close = `${match[1]}}`;
    const end = lines.findIndex(
      (other, at) =>
        at > start && (other === close || other.startsWith(`${close};`) || other.startsWith(`${close})`) || other.startsWith(`${close},`)),
    );
    if (end > 0) found.push({ name: `${path}:${start + 1} ${name}`, lines: end - start + 1 });
  });
  return found;
}

const longest = (list: readonly Sized[]): Sized[] => [...list].sort((a, b) => b.lines - a.lines).slice(0, 10);

/** Prints the tail and returns what is past the bounds. */
export function checkSizes(): string[] {
  const paths = globSync('{src,tools,test}/**/*.ts').filter((path) => !exempt(path));
  const texts = paths.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  const files = texts.map(({ path, text }) => ({ name: path, lines: text.split('\n').length - 1 }));
  const functions = texts.flatMap(({ path, text }) => functionsIn(path, text));
  for (const [title, list] of [
    ['files', longest(files)],
    ['functions', longest(functions)],
  ] as const) {
    console.log(`longest ${title}: ${list.map(({ name, lines }) => `${name} ${lines}`).join(', ')}`);
  }
  return [
    ...files
      .filter(({ lines }) => lines > FILE_LIMIT)
      .map(({ name, lines }) => `${name} has ${lines} lines (limit ${FILE_LIMIT}): one idea per file`),
    ...functions
      .filter(({ lines }) => lines > FUNCTION_LIMIT)
      .map(({ name, lines }) => `${name} has ${lines} lines (limit ${FUNCTION_LIMIT})`),
  ];
}
