/**
 * On which line of a TOML file a key stands: the parser does not say. Reads
 * table headers and `key =` lines, steps over multi-line strings and arrays,
 * and answers with the nearest line it knows.
 */

/** `listen`, 0, `port`. */
export type KeyPath = readonly (string | number)[];

const HEADER = /^\s*(\[\[?)\s*([^\]]+?)\s*\]/;
const ASSIGNMENT = /^\s*([A-Za-z0-9_."' -]+?)\s*=/;

export const keyText = (path: KeyPath): string =>
  path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`), '');

export class KeyLines {
  readonly #lines = new Map<string, number>();

  constructor(toml: string) {
    const counts = new Map<string, number>();
    let table: KeyPath = [];
    let fence: string | undefined;
    toml.split('\n').forEach((line, at) => {
      const wasInside = fence !== undefined;
      fence = fenceAfter(line, fence);
      if (wasInside) return;
      const header = HEADER.exec(line);
      if (header !== null) {
        const names = parts(header[2] ?? '');
        table = header[1] === '[[' ? [...names, this.#next(counts, keyText(names))] : names;
        this.#lines.set(keyText(table), at + 1);
        if (header[1] === '[[' && !this.#lines.has(keyText(names))) this.#lines.set(keyText(names), at + 1);
        return;
      }
      const key = ASSIGNMENT.exec(line)?.[1];
      if (key !== undefined) this.#lines.set(keyText([...table, ...parts(key)]), at + 1);
    });
  }

  /** Of the key, else of what it stands in. */
  of(path: KeyPath): number | null {
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines.get(keyText(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return null;
  }

  #next(counts: Map<string, number>, name: string): number {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count;
  }
}

const parts = (dotted: string): string[] => dotted.split('.').map((part) => part.trim().replaceAll(/^["']|["']$/g, ''));

/** Which multi-line string is still open behind this line. */
function fenceAfter(line: string, open: string | undefined): string | undefined {
  let fence = open;
  for (const mark of line.match(/"""|'''/g) ?? []) {
    if (fence === undefined) fence = mark;
    else if (fence === mark) fence = undefined;
  }
  return fence;
}
