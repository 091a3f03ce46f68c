/** Reads every import under src/ and holds it against floors.table.ts: one sentence for each that stands on the wrong floor. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { FLOORS, type Floor, PURE_NODE, SERVICES, TESTS_ALSO } from './floors.table.ts';

const IMPORT = /^(?:import|export)\s[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'|^\}\s+from\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

const isTest = (path: string): boolean => /\.(test|contract)\.ts$/.test(path);
const floorOf = (path: string): Floor | undefined => FLOORS.find((floor) => path.startsWith(`${floor.folder}/`));
const roomOf = (path: string): string => path.split('/').slice(0, 2).join('/');

/** Why `file` may not import `specifier`, or undefined when it may. Paths are relative to src/. */
export function whyNot(file: string, specifier: string): string | undefined {
  const floor = floorOf(file);
  if (floor === undefined) return `src/${file} stands on no floor`;
  if (specifier.startsWith('node:')) return whyNotNode(floor, file, specifier);
  if (!specifier.startsWith('.'))
    return floor.node === 'pure' && !isTest(file) ? `src/${file} may not use the package ${specifier}` : undefined;
  const target = join(dirname(file), specifier);
  if (target.startsWith('../')) return isTest(file) && target.startsWith('../test/') ? undefined : `src/${file} may not import ${target}`;
  if (!existsSync(join('src', target))) return `src/${file} imports ${specifier}, which is not there`;
  return whyNotOurs({ floor, file, target });
}

function whyNotNode(floor: Floor, file: string, specifier: string): string | undefined {
  if (floor.node === 'any' || isTest(file) || PURE_NODE.includes(specifier)) return undefined;
  return `src/${file} may not use ${specifier}: ${floor.folder} does no input or output`;
}

function whyNotOurs({ floor, file, target }: { floor: Floor; file: string; target: string }): string | undefined {
  if (isTest(file) && TESTS_ALSO.some((place) => target.startsWith(`${place}/`))) return undefined;
  const theirs = floorOf(target);
  if (theirs === undefined) return `src/${file} imports src/${target}, which stands on no floor`;
  if (theirs.folder !== floor.folder)
    return floor.may.includes(theirs.folder) ? undefined : `src/${file} (${floor.folder}) may not import src/${target} (${theirs.folder})`;
  return whyNotNeighbour({ floor, file, target });
}

function whyNotNeighbour({ floor, file, target }: { floor: Floor; file: string; target: string }): string | undefined {
  if (!['codec', 'service', 'adapter', 'edge'].includes(floor.folder) || roomOf(file) === roomOf(target)) return undefined;
  if (floor.sharesWith?.includes(roomOf(target))) return undefined;
  if (floor.folder !== 'service') return `src/${file} may not import its neighbour src/${target}`;
  const [mine, other] = [file.split('/')[1] ?? '', target.split('/')[1] ?? ''];
  if (!SERVICES[mine]?.includes(other)) return `src/${file}: the service ${mine} may not import ${other} (tools/floors.table.ts)`;
  return target === `service/${other}/${other}.ts`
    ? undefined
    : `src/${file} must enter ${other} by its door, service/${other}/${other}.ts`;
}

/** Import cycles among the given files, each as the list of files it runs through. */
export function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) found.push([...trail.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

function specifiers(text: string): { specifier: string; typeOnly: boolean }[] {
  return [...text.matchAll(IMPORT)].map((match) => ({
    specifier: match[1] ?? match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: /^(import|export) type\b/.test(match[0]),
  }));
}

/** All complaints about the tree in the working directory. */
export function checkFloors(): string[] {
  const complaints: string[] = [];
  const graph = new Map<string, string[]>();
  for (const path of globSync('src/**/*.ts').sort()) {
    const file = relative('src', path);
    const imports = specifiers(readFileSync(path, 'utf8'));
    complaints.push(...imports.map(({ specifier }) => whyNot(file, specifier)).filter((why) => why !== undefined));
    graph.set(
      file,
      imports
        .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly)
        .map(({ specifier }) => join(dirname(file), specifier)),
    );
  }
  for (const cycle of cycles(graph)) complaints.push(`an import cycle: ${cycle.join(' → ')}`);
  return complaints;
}
