/** Where a file does not fit the schema, in sentences: what stands there, what should, and what was probably meant. */
import { closest } from '../../lib/closest.ts';
import type { KeyPath } from './key-lines.ts';
import { ConfigSchema } from './schema.ts';

export type SchemaFault = Readonly<{ path: KeyPath; what: string; remedy: string }>;

/** The parts of JSON Schema that the config's schema uses. */
export type Node = Readonly<{
  type?: string;
  description?: string;
  default?: unknown;
  /** What is usual where nothing is the default. */
  examples?: readonly unknown[];
  properties?: Readonly<Record<string, Node>>;
  required?: readonly string[];
  items?: Node;
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}>;

/** A typebox schema is a JSON Schema; its TypeScript type says so in other words. */
export const ROOT = ConfigSchema as unknown as Node;

/** The schema of a key, or undefined when there is no such key. */
export function nodeAt(path: KeyPath): Node | undefined {
  return path.reduce<Node | undefined>((node, part) => (typeof part === 'number' ? node?.items : node?.properties?.[part]), ROOT);
}

export function schemaFaults(value: unknown): readonly SchemaFault[] {
  return unfit(value, ROOT, []);
}

/** Walks value and schema together: one fault per place, said in our words. */
function unfit(value: unknown, node: Node, path: KeyPath): readonly SchemaFault[] {
  const type = typeOf(value);
  if (node.enum !== undefined) return node.enum.includes(value) ? [] : [notOneOf(value, node.enum, path)];
  if (type !== node.type && !(node.type === 'number' && (type === 'integer' || type === 'fraction')))
    return [
      {
        path,
        what: `${quoted(path)} should be ${withArticle(node.type ?? 'value', node)}, but ${shown(value)} stands there.`,
        remedy: example(node, path, value),
      },
    ];
  if (Array.isArray(value))
    return [
      ...outOfBounds(value.length, { low: node.minItems, high: node.maxItems }, { path, unit: 'entries' }),
      ...unfitItems(value, node, path),
    ];
  if (typeof value === 'object' && value !== null) return unfitKeys(value as Readonly<Record<string, unknown>>, node, path);
  if (typeof value === 'string')
    return outOfBounds(value.length, { low: node.minLength, high: node.maxLength }, { path, unit: 'characters' });
  return typeof value === 'number' ? outOfBounds(value, { low: node.minimum, high: node.maximum }, { path, unit: '' }) : [];
}

function unfitItems(list: readonly unknown[], node: Node, path: KeyPath): readonly SchemaFault[] {
  const { items } = node;
  return items === undefined ? [] : list.flatMap((item, at) => unfit(item, items, [...path, at]));
}

function unfitKeys(table: Readonly<Record<string, unknown>>, node: Node, path: KeyPath): readonly SchemaFault[] {
  const known = node.properties ?? {};
  const unknownKeys = Object.keys(table).filter((key) => !Object.hasOwn(known, key));
  const missing = (node.required ?? []).filter((key) => !Object.hasOwn(table, key));
  const wrong = Object.entries(table).flatMap(([key, value]) => {
    const child = Object.hasOwn(known, key) ? known[key] : undefined;
    return child === undefined ? [] : unfit(value, child, [...path, key]);
  });
  return [
    ...unknownKeys.map((key) => unknownKey(key, Object.keys(known), path)),
    ...missing.map((key) => missingKey(key, known[key], path)),
    ...wrong,
  ];
}

/** Also said of environment variables. */
export function unknownKey(key: string, known: readonly string[], path: KeyPath): SchemaFault {
  const place = path.length === 0 ? '' : ` in ${quoted(path)}`;
  const meant = closest(key, known);
  return {
    path: [...path, key],
    what: `There is no setting "${key}"${place}.`,
    remedy: meant === undefined ? `It may hold: ${known.join(', ')}.` : `Did you mean "${meant}"?`,
  };
}

function missingKey(key: string, node: Node | undefined, path: KeyPath): SchemaFault {
  return { path: [...path, key], what: `"${key}" is missing in ${quoted(path)}.`, remedy: node?.description ?? '' };
}

function notOneOf(value: unknown, allowed: readonly unknown[], path: KeyPath): SchemaFault {
  const words = allowed.map(String);
  const meant = typeof value === 'string' ? closest(value, words) : undefined;
  return {
    path,
    what: `${quoted(path)} cannot be ${shown(value)}.`,
    remedy: `${meant === undefined ? '' : `Did you mean "${meant}"? `}It may be: ${words.join(', ')}.`,
  };
}

type Bounds = Readonly<{ low: number | undefined; high: number | undefined }>;

function outOfBounds(
  amount: number,
  { low = -Infinity, high = Infinity }: Bounds,
  { path, unit }: Readonly<{ path: KeyPath; unit: string }>,
): readonly SchemaFault[] {
  if (amount >= low && amount <= high) return [];
  const is = unit === '' ? `is ${amount}` : `has ${amount} ${unit}`;
  const may = [low === -Infinity ? '' : `at least ${low}`, high === Infinity ? '' : `at most ${high}`]
    .filter((text) => text !== '')
    .join(' and ');
  return [{ path, what: `${quoted(path)} ${is}.`, remedy: `It should ${unit === '' ? 'be' : 'have'} ${may}.` }];
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  return typeof value;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a table',
};
const withArticle = (type: string, node: Node): string =>
  type === 'array' && node.items?.type === 'object' ? 'a list of tables' : (NAMES[type] ?? type);

/** Which leaf it is, in the words of the file. */
const quoted = (path: KeyPath): string =>
  path.length === 0 ? 'the file' : `"${path.filter((part) => typeof part === 'string').join('.')}"`;

/** Bounds what a fault repeats of a file. */
const SHOWN_LIMIT = 60;

function shown(value: unknown): string {
  if (value instanceof Date) return 'a date';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_LIMIT ? `${text.slice(0, SHOWN_LIMIT)}…` : text;
}

function example(node: Node, path: KeyPath, given?: unknown): string {
  const key = String(path.findLast((part) => typeof part === 'string') ?? '');
  // A member of a list: the list as a whole shows what to write.
  if (typeof path.at(-1) === 'number' && node.type !== 'object') return example(nodeAt(path.slice(0, -1)) ?? node, path.slice(0, -1));
  switch (node.type) {
    case 'string':
      return `Write: ${key} = "${typeof node.default === 'string' ? node.default : '…'}".`;
    case 'integer':
    case 'number':
      return `Write it without quotes: ${key} = ${exampleNumber(node, given)}.`;
    case 'boolean':
      return `Write it without quotes: ${key} = ${node.default === true}.`;
    case 'array':
      return node.items?.type === 'object'
        ? `Write it as a heading of its own: [[${key}]].`
        : `Write: ${key} = ${JSON.stringify(node.default ?? [])}.`;
    default:
      return `Write it as a heading of its own: [${key}].`;
  }
}

/** What was meant: the digits that stand in quotes, where they fit; else what is usual. */
function exampleNumber(node: Node, given: unknown): string {
  const digits = typeof given === 'string' && given.length <= SHOWN_LIMIT ? given.trim() : '';
  if (/^\d+(\.\d+)?$/.test(digits) && unfit(Number(digits), node, []).length === 0) return String(Number(digits));
  return String(node.default ?? node.examples?.[0] ?? node.minimum ?? 1);
}
