/** Changing an object by a PatchObject (RFC 8620 §5.3). */
import { setFault } from './error.ts';
import { isObject, type JsonObject } from './json.ts';

/** Names in one patch: more than any object has. */
const PATCH_LIMIT = 10_000;

const unescaped = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~');

/**
 * A changed copy. `null` puts a property of the object itself to null (its
 * default, for whoever reads the result) and removes anything deeper.
 * Throws a SetFault `invalidPatch`.
 */
export function patched(object: JsonObject, patch: JsonObject): JsonObject {
  const paths = Object.keys(patch);
  if (paths.length > PATCH_LIMIT) throw setFault('invalidPatch', 'too many changes at once');
  const copy: Record<string, unknown> = { ...object };
  const copied = new Set<string>();
  for (const path of paths) {
    if (hasBeginningIn(patch, path)) throw setFault('invalidPatch', 'one path is the beginning of another');
    apply(copy, path, { value: patch[path], copied });
  }
  return copy;
}

function hasBeginningIn(patch: JsonObject, path: string): boolean {
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) if (Object.hasOwn(patch, path.slice(0, at))) return true;
  return false;
}

function apply(object: Record<string, unknown>, path: string, { value, copied }: Readonly<{ value: unknown; copied: Set<string> }>): void {
  const tokens = path.split('/').map(unescaped);
  const last = tokens.pop() ?? '';
  if (tokens.includes('__proto__') || last === '__proto__') throw setFault('invalidPatch', 'there is no such property');
  let target = object;
  let where = '';
  for (const token of tokens) {
    const next = Object.hasOwn(target, token) ? target[token] : undefined;
    if (!isObject(next)) throw setFault('invalidPatch', 'a patch cannot make what it reaches into, nor reach into a list');
    where += `/${token}`;
    // What is shared with the original is copied once on the way down.
    if (!copied.has(where)) target[token] = { ...next };
    copied.add(where);
    target = target[token] as Record<string, unknown>;
  }
  if (value === null && tokens.length > 0) delete target[last];
  else target[last] = value;
}
