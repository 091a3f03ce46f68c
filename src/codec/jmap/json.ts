/** Small questions about parsed JSON. */

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
export const isText = (value: unknown): value is string => typeof value === 'string';
export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
export const isTextList = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);

/** Int of RFC 8620 §1.3: whole, and exact as a double. */
export const isInt = (value: unknown): value is number => Number.isSafeInteger(value);
export const isUnsignedInt = (value: unknown): value is number => isInt(value) && value >= 0;

/** UTCDate of RFC 8620 §1.4. */
export const isUtcDate = (value: unknown): value is string =>
  isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value) && !Number.isNaN(Date.parse(value));

/** RFC 8620 §1.2: 1 to 255 characters of URL-safe base64. */
export const isId = (value: unknown): value is string => isText(value) && /^[A-Za-z0-9_-]{1,255}$/.test(value);

/** An own member; the prototype's are none. */
export const member = (value: JsonObject, name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined);

/** Equal as JSON values, whatever the order of names. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((item, at) => sameJson(item, other[at]));
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && sameJson(one[name], other[name]))
  );
}

/** A keyword of RFC 8621 §4.1.1: printable ASCII without `( ) { ] % * " \`. */
export const isKeyword = (value: string): boolean => /^[!#$&'+-[^-z|}~]{1,255}$/.test(value);
