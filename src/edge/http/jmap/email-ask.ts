/** What is to be shown of Emails: the arguments that Email/get (RFC 8621 §4.2) and Email/parse (§4.9) share. */
import { invalid, MethodError } from '../../../codec/jmap/error.ts';
import { isBoolean, isTextList, isUnsignedInt, type JsonObject } from '../../../codec/jmap/json.ts';
import { BODY_DEFAULTS, GET_DEFAULTS, isBodyProperty, isEmailProperty, PARSE_DEFAULTS } from '../../../codec/jmap/object/email-property.ts';
import { optional } from './arguments.ts';
import { BODY_PROPERTIES_LIMIT, BODY_VALUES_LIMIT, EMAIL_PROPERTIES_LIMIT } from './limits.ts';

/** For `onlyKnown`, besides those of every /get. */
export const EMAIL_ARGUMENTS = [
  'bodyProperties',
  'fetchTextBodyValues',
  'fetchHTMLBodyValues',
  'fetchAllBodyValues',
  'maxBodyValueBytes',
] as const;

export type EmailAsk = Readonly<{
  /** As spelt by the client, which is how they are answered. */
  properties: readonly string[];
  bodyProperties: readonly string[];
  fetchTextBodyValues: boolean;
  fetchHTMLBodyValues: boolean;
  fetchAllBodyValues: boolean;
  /** 0: as much as there is room for. */
  maxBodyValueBytes: number;
  /** Octets of body values that the call may still answer; shared by all its Emails. */
  room: { left: number };
}>;

/** Throws `invalidArguments`, also for a header form that the field may not have. */
export function emailAsk(args: JsonObject, method: 'get' | 'parse'): EmailAsk {
  const given = optional(args, 'properties', isTextList, method === 'get' ? GET_DEFAULTS : PARSE_DEFAULTS);
  const bodyProperties = optional(args, 'bodyProperties', isTextList, BODY_DEFAULTS);
  // RFC 8620 §5.1: the id is always given; what Email/parse shows has none (RFC 8621 §4.9).
  const properties = new Set<string>(method === 'get' ? ['id', ...given] : given);
  allKnown('properties', [...properties], isEmailProperty);
  allKnown('bodyProperties', bodyProperties, isBodyProperty);
  if (properties.size > EMAIL_PROPERTIES_LIMIT || bodyProperties.length > BODY_PROPERTIES_LIMIT)
    throw new MethodError('requestTooLarge', 'more properties than anybody needs');
  return {
    properties: [...properties],
    bodyProperties: [...new Set(bodyProperties)],
    fetchTextBodyValues: optional(args, 'fetchTextBodyValues', isBoolean, false),
    fetchHTMLBodyValues: optional(args, 'fetchHTMLBodyValues', isBoolean, false),
    fetchAllBodyValues: optional(args, 'fetchAllBodyValues', isBoolean, false),
    maxBodyValueBytes: optional(args, 'maxBodyValueBytes', isUnsignedInt, 0),
    room: { left: BODY_VALUES_LIMIT },
  };
}

function allKnown(argument: string, names: readonly string[], isKnown: (name: string) => boolean): void {
  const stranger = names.find((name) => !isKnown(name));
  if (stranger !== undefined) throw invalid(`"${argument}": there is no property "${stranger.slice(0, 100)}"`);
}
