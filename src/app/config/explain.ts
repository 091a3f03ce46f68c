/** The schema, told: what each setting does, what it may be, and what it is when nobody says. */
import { type Node, ROOT } from './schema-faults.ts';

export type Explained = Readonly<{ key: string; type: string; default: unknown; description: string; required: boolean }>;

/** Every setting, in the order of the schema; with `under`, only that one and what stands in it. */
export function explainAll(under = ''): readonly Explained[] {
  return explainTable(ROOT, '').filter(
    ({ key }) => under === '' || key === under || key.startsWith(`${under}.`) || key.startsWith(`${under}[`),
  );
}

function explainTable(table: Node, prefix: string): Explained[] {
  return Object.entries(table.properties ?? {}).flatMap(([name, node]) => {
    const isList = node.type === 'array' && node.items?.type === 'object';
    const inner = isList ? node.items : node.type === 'object' ? node : undefined;
    const key = `${prefix}${name}`;
    const description = inner?.description ?? node.description ?? '';
    const own: Explained = {
      key: isList ? `${key}[]` : key,
      type: typeName(node, isList),
      default: node.default ?? null,
      description,
      required: table.required?.includes(name) ?? false,
    };
    return inner === undefined ? [own] : [own, ...explainTable(inner, `${own.key}.`)];
  });
}

function typeName(node: Node, isList: boolean): string {
  if (isList) return 'list of tables';
  if (node.enum !== undefined) return node.enum.map((word) => JSON.stringify(word)).join(' | ');
  const range = node.minimum === undefined ? '' : ` ${node.minimum}…${node.maximum}`;
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    integer: `whole number${range}`,
    number: `number${range}`,
    boolean: 'true or false',
    array: 'list',
    object: 'table',
  };
  return names[node.type ?? ''] ?? '';
}
