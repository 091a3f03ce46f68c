/** The Identity object (RFC 8621 §6): as shown, and as read from what a client sets. */
import { badProperties } from '../../../codec/jmap/error.ts';
import { idOf } from '../../../codec/jmap/ids.ts';
import { isObject, isText, type JsonObject, member } from '../../../codec/jmap/json.ts';
import { parseMailbox } from '../../../codec/smtp/path.ts';
import type { Identity, IdentityRecord, NamedAddress } from '../../../service/submissions/submissions.ts';

const SETTABLE = ['name', 'replyTo', 'bcc', 'textSignature', 'htmlSignature'] as const;
export const IDENTITY_PROPERTIES = ['id', 'email', 'mayDelete', ...SETTABLE] as const;
const FIXED = ['id', 'email', 'mayDelete'] as const;

/** Characters. A signature may hold a small picture. */
const SIGNATURE_LIMIT = 100_000;
const NAME_LIMIT = 255;
const ADDRESSES_LIMIT = 50;

/** @param personName for an identity that was given none */
export function identityObject({ id, record }: Identity, personName: string): JsonObject {
  const { email, name, replyTo, bcc, textSignature, htmlSignature, isDefault } = record;
  return {
    id: idOf('identity', id),
    name: name ?? personName,
    email,
    replyTo,
    bcc,
    textSignature,
    htmlSignature,
    mayDelete: !isDefault,
  };
}

/** Throws a SetFault `invalidProperties` that names everything that is wrong. */
export function readNewIdentity(object: JsonObject): Omit<IdentityRecord, 'isDefault'> {
  const email = member(object, 'email');
  const read = readSettable(object);
  const wrong = [...read.wrong, ...strangers(object, [...SETTABLE, 'email'])];
  if (!isText(email) || !parseMailbox(email).ok) throw badProperties('email', ...wrong);
  if (wrong.length > 0) throw badProperties(...wrong);
  return { ...read.values, email };
}

/** The same for one that is changed; `before` and `after` are whole objects. */
export function readChangedIdentity(before: JsonObject, after: JsonObject): Omit<IdentityRecord, 'email' | 'isDefault'> {
  const fixed = FIXED.filter((name) => after[name] !== before[name]);
  const read = readSettable(after);
  const wrong = [...fixed, ...read.wrong, ...strangers(after, IDENTITY_PROPERTIES)];
  if (wrong.length > 0) throw badProperties(...wrong);
  return read.values;
}

const strangers = (object: JsonObject, known: readonly string[]): readonly string[] =>
  Object.keys(object)
    .filter((name) => !known.includes(name))
    .map((name) => name.slice(0, 100));

type Settable = Omit<IdentityRecord, 'email' | 'isDefault'>;

function readSettable(object: JsonObject): Readonly<{ values: Settable; wrong: readonly string[] }> {
  const wrong: string[] = [];
  const text = (name: (typeof SETTABLE)[number], limit: number): string => {
    const value = member(object, name) ?? '';
    if (isText(value) && value.length <= limit) return value;
    wrong.push(name);
    return '';
  };
  const addresses = (name: 'replyTo' | 'bcc'): readonly NamedAddress[] | null => {
    const value = member(object, name) ?? null;
    const read = value === null ? null : readAddresses(value);
    if (read === undefined) wrong.push(name);
    return read ?? null;
  };
  const values = {
    name: text('name', NAME_LIMIT),
    replyTo: addresses('replyTo'),
    bcc: addresses('bcc'),
    textSignature: text('textSignature', SIGNATURE_LIMIT),
    htmlSignature: text('htmlSignature', SIGNATURE_LIMIT),
  };
  return { values, wrong };
}

/** EmailAddress of RFC 8621 §4.1.2.3. */
function readAddresses(value: unknown): readonly NamedAddress[] | undefined {
  if (!Array.isArray(value) || value.length > ADDRESSES_LIMIT) return undefined;
  const addresses: NamedAddress[] = [];
  for (const one of value) {
    const address = isObject(one) ? readAddress(one) : undefined;
    if (address === undefined) return undefined;
    addresses.push(address);
  }
  return addresses;
}

function readAddress(value: JsonObject): NamedAddress | undefined {
  const [name, email] = [member(value, 'name') ?? null, member(value, 'email')];
  if (!isText(email) || !parseMailbox(email).ok || Object.keys(value).some((key) => key !== 'name' && key !== 'email')) return undefined;
  if (name === null) return { name, email };
  return isText(name) && name.length <= NAME_LIMIT ? { name, email } : undefined;
}
