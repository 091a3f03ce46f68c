/** Properties that are header fields: `header:{name}[:as{Form}][:all]` (RFC 8621 §4.1.3), and which form a field may have (§4.1.2). */

export type HeaderForm = 'Raw' | 'Text' | 'Addresses' | 'GroupedAddresses' | 'MessageIds' | 'Date' | 'URLs';

/** `field` is in lower case. */
export type HeaderProperty = Readonly<{ field: string; form: HeaderForm; all: boolean }>;

const PREFIX = 'header:';
/** Characters of a field's name: a longer one stands in no message (RFC 5322 §2.1.1). */
const NAME_LIMIT = 998;
/** Any printable ASCII but the colon. */
const NAME = /^[!-9;-~]+$/;
const FORMS: ReadonlySet<string> = new Set(['Raw', 'Text', 'Addresses', 'GroupedAddresses', 'MessageIds', 'Date', 'URLs']);

/** The fields of RFC 5322 and RFC 2369 (and List-Id) with the forms they may have besides Raw; any other field may have every form. */
const KNOWN: ReadonlyMap<string, readonly HeaderForm[]> = new Map([
  ...fields(['Text'], 'subject comments keywords'),
  ...fields(['Addresses', 'GroupedAddresses'], 'from sender reply-to to cc bcc'),
  ...fields(['Addresses', 'GroupedAddresses'], 'resent-from resent-sender resent-reply-to resent-to resent-cc resent-bcc'),
  ...fields(['MessageIds'], 'message-id in-reply-to references resent-message-id'),
  ...fields(['Date'], 'date resent-date'),
  ...fields(['URLs'], 'list-help list-unsubscribe list-subscribe list-post list-owner list-archive'),
  ...fields([], 'return-path received'),
]);

function fields(forms: readonly HeaderForm[], names: string): (readonly [string, readonly HeaderForm[]])[] {
  return names.split(' ').map((name) => [name, forms] as const);
}

export const isHeaderProperty = (property: string): boolean => property.startsWith(PREFIX);

/** Undefined for what is no such property, or a form that the field may not have: both are invalidArguments. */
export function readHeaderProperty(property: string): HeaderProperty | undefined {
  if (!isHeaderProperty(property) || property.length > NAME_LIMIT + 40) return undefined;
  const [name = '', ...suffixes] = property.slice(PREFIX.length).split(':');
  if (!NAME.test(name) || name.length > NAME_LIMIT) return undefined;
  const all = suffixes.at(-1) === 'all';
  if (all) suffixes.pop();
  const [as, ...more] = suffixes;
  if (more.length > 0 || (as !== undefined && !as.startsWith('as'))) return undefined;
  const form = as === undefined ? 'Raw' : as.slice(2);
  const field = name.toLowerCase();
  return isForm(form) && mayHave(field, form) ? { field, form, all } : undefined;
}

const isForm = (form: string): form is HeaderForm => FORMS.has(form);
const mayHave = (field: string, form: HeaderForm): boolean => form === 'Raw' || (KNOWN.get(field)?.includes(form) ?? true);
