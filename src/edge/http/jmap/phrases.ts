/** How JMAP says our Refusals: as an error of one object (RFC 8620 §5.3), or of the whole call. */
import { MethodError, type MethodErrorType, type SetError, SetFault, type SetErrorType } from '../../../codec/jmap/error.ts';
import { isRefusal, type Refusal, type RefusalName, refusalRow } from '../../../core/refusal.ts';

const SET_ERROR: Partial<Readonly<Record<RefusalName, SetErrorType>>> = {
  notFound: 'notFound',
  mailboxGone: 'notFound',
  mailboxExists: 'invalidProperties',
  overQuota: 'overQuota',
  mailboxFull: 'overQuota',
  tooBig: 'tooLarge',
  headerTooBig: 'tooLarge',
  badMessage: 'invalidEmail',
  badHeader: 'invalidEmail',
  mailboxHasChildren: 'mailboxHasChild',
  mailboxHasEmail: 'mailboxHasEmail',
  tooManyRecipients: 'tooManyRecipients',
  tooManyKeywords: 'tooManyKeywords',
  tooManyMailboxes: 'tooManyMailboxes',
  senderNotYours: 'forbiddenMailFrom',
  headerFromNotYours: 'forbiddenFrom',
  accountPaused: 'forbiddenToSend',
  badValue: 'invalidProperties',
};

export function setErrorOf(refusal: Refusal): SetError {
  const type = SET_ERROR[refusal.refusal] ?? 'forbidden';
  const description = refusal.facts['why'] ?? refusalRow(refusal).words;
  return { type, description };
}

/** The value, or its Refusal as this object's no. */
export function orSetFault<Value>(value: Value): Exclude<Value, Refusal> {
  if (isRefusal(value)) throw new SetFault(setErrorOf(value));
  return value as Exclude<Value, Refusal>;
}

const METHOD_ERROR: Partial<Readonly<Record<RefusalName, MethodErrorType>>> = {
  accountClosed: 'accountNotFound',
  trouble: 'serverUnavailable',
  closing: 'serverUnavailable',
  diskFull: 'serverUnavailable',
  tooManyMessages: 'requestTooLarge',
  badValue: 'invalidArguments',
};

/** The value, or its Refusal as the call's no. */
export function orMethodError<Value>(value: Value): Exclude<Value, Refusal> {
  if (isRefusal(value)) throw new MethodError(METHOD_ERROR[value.refusal] ?? 'forbidden', refusalRow(value).words);
  return value as Exclude<Value, Refusal>;
}
