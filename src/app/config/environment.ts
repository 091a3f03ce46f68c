/**
 * Overrides from the environment: `EIGENPOST_SECTION__KEY`, list entries by
 * number (`EIGENPOST_LISTEN__0__PORT`). The text becomes what the schema wants
 * there; what does not is left as text, and the schema then says so.
 */
import type { KeyPath } from './key-lines.ts';
import { type Node, nodeAt, ROOT, type SchemaFault, unknownKey } from './schema-faults.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type Overridden = Readonly<{
  value: Record<string, unknown>;
  names: ReadonlyMap<string, string>;
  faults: readonly (SchemaFault & Readonly<{ name: string }>)[];
}>;

const PREFIX = 'EIGENPOST_';
/** Read elsewhere: where the config and the data are, for the command line. */
const OTHERS: ReadonlySet<string> = new Set(['EIGENPOST_CONFIG']);
/** QUIRK: Kubernetes sets these by itself for a service called eigenpost. */
const FOREIGN = /^EIGENPOST_(SERVICE_|PORT$|PORT_)/;
/** No list in the file is longer. */
const INDEX_LIMIT = 1_000;

/** `value` is the file's content with the overrides in it; `names` says which variable set a key (`keyText` of its path). */
export function override(file: Readonly<Record<string, unknown>>, environment: Environment): Overridden {
  const value: Record<string, unknown> = structuredClone(file);
  const names = new Map<string, string>();
  const faults: (SchemaFault & { name: string })[] = [];
  for (const [name, text] of Object.entries(environment).sort(([a], [b]) => a.localeCompare(b))) {
    if (!name.startsWith(PREFIX) || text === undefined || OTHERS.has(name) || FOREIGN.test(name)) continue;
    const path = pathOf(name);
    const fault = unknownPart(path);
    if (fault !== undefined) {
      faults.push({ ...fault, name });
      continue;
    }
    put(value, path, read(text, nodeAt(path)));
    names.set(path.join('\0'), name);
  }
  return { value, names, faults };
}

const pathOf = (name: string): KeyPath =>
  name
    .slice(PREFIX.length)
    .toLowerCase()
    .split('__')
    .map((part) => (/^\d{1,4}$/.test(part) ? Number(part) : part));

function unknownPart(path: KeyPath): SchemaFault | undefined {
  let node: Node | undefined = ROOT;
  for (const [at, part] of path.entries()) {
    const next: Node | undefined = typeof part === 'number' ? (part < INDEX_LIMIT ? node?.items : undefined) : node?.properties?.[part];
    if (next === undefined) return unknownKey(String(part), Object.keys(node?.properties ?? {}), path.slice(0, at));
    node = next;
  }
  return undefined;
}

function put(root: Record<string, unknown>, path: KeyPath, value: unknown): void {
  let place: Record<string | number, unknown> = root;
  path.slice(0, -1).forEach((part, at) => {
    const inside = place[part];
    const next = typeof inside === 'object' && inside !== null ? inside : typeof path[at + 1] === 'number' ? [] : {};
    place[part] = next;
    place = next as Record<string | number, unknown>;
  });
  const last = path.at(-1);
  if (last !== undefined) place[last] = value;
}

function read(text: string, node: Node | undefined): unknown {
  switch (node?.type) {
    case 'integer':
    case 'number':
      return /^-?\d{1,15}(\.\d{1,6})?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'array':
      return text.split(',').map((part) => read(part.trim(), node.items));
    default:
      return text;
  }
}
