/** Reading a method's arguments: what is missing, of the wrong type or unknown is `invalidArguments` (RFC 8620 §3.6.2). */
import { invalid } from '../../../codec/jmap/error.ts';
import { type JsonObject, member } from '../../../codec/jmap/json.ts';

/** SECURITY: a misspelt argument must not be taken for one that was left out. */
export function onlyKnown(args: JsonObject, known: readonly string[]): void {
  const stranger = Object.keys(args).find((name) => !known.includes(name));
  if (stranger !== undefined) throw invalid(`there is no argument "${stranger.slice(0, 100)}"`);
}

/** A value that must be there and fit. */
export function required<Value>(args: JsonObject, name: string, fits: (value: unknown) => value is Value): Value {
  const value = member(args, name);
  if (!fits(value)) throw invalid(`"${name}" is missing or of the wrong type`);
  return value;
}

/** A value that may be left out or null; then it is `otherwise`. */
export function optional<Value, Default>(
  args: JsonObject,
  name: string,
  fits: (value: unknown) => value is Value,
  otherwise: Default,
): Value | Default {
  const value = member(args, name);
  if (value === undefined || value === null) return otherwise;
  if (!fits(value)) throw invalid(`"${name}" is of the wrong type`);
  return value;
}
