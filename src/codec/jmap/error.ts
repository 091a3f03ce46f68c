/** How JMAP says no: for a whole request (RFC 8620 §3.6.1), for a method call (§3.6.2), for one object of a /set (§5.3). */

/** Problem details (RFC 9457) of a request that is not processed at all. */
export type RequestError = Readonly<{
  type: `urn:ietf:params:jmap:error:${'unknownCapability' | 'notJSON' | 'notRequest' | 'limit'}`;
  status: number;
  detail: string;
  /** Which limit of the session was passed. */
  limit?: string;
}>;

export type MethodErrorType =
  | 'serverUnavailable'
  | 'serverFail'
  | 'serverPartialFail'
  | 'unknownMethod'
  | 'invalidArguments'
  | 'invalidResultReference'
  | 'forbidden'
  | 'accountNotFound'
  | 'accountNotSupportedByMethod'
  | 'accountReadOnly'
  | 'requestTooLarge'
  | 'stateMismatch'
  | 'cannotCalculateChanges'
  | 'tooManyChanges'
  | 'anchorNotFound'
  | 'unsupportedSort'
  | 'unsupportedFilter'
  | 'fromAccountNotFound'
  | 'fromAccountNotSupportedByMethod';

/** Thrown by methods and caught by the api: a call that cannot be done ends there, wherever it was noticed. */
export class MethodError extends Error {
  readonly type: MethodErrorType;

  /** `description` is shown to whoever wrote the client; it never names what they may not know. */
  constructor(type: MethodErrorType, description?: string) {
    super(description ?? type);
    this.type = type;
  }

  get args(): Readonly<Record<string, unknown>> {
    return this.message === this.type ? { type: this.type } : { type: this.type, description: this.message };
  }
}

export const invalid = (description: string): MethodError => new MethodError('invalidArguments', description);

/** RFC 8620 §5.3 and §5.4, RFC 8621 §2.5, §4.6, §4.8, §7.5. */
export type SetErrorType =
  | 'forbidden'
  | 'overQuota'
  | 'tooLarge'
  | 'rateLimit'
  | 'notFound'
  | 'invalidPatch'
  | 'willDestroy'
  | 'invalidProperties'
  | 'singleton'
  | 'alreadyExists'
  | 'mailboxHasChild'
  | 'mailboxHasEmail'
  | 'blobNotFound'
  | 'tooManyKeywords'
  | 'tooManyMailboxes'
  | 'invalidEmail'
  | 'tooManyRecipients'
  | 'noRecipients'
  | 'invalidRecipients'
  | 'forbiddenMailFrom'
  | 'forbiddenFrom'
  | 'forbiddenToSend'
  | 'cannotUnsend';

export type SetError = Readonly<{
  type: SetErrorType;
  description?: string;
  /** Names of what is wrong (invalidProperties). */
  properties?: readonly string[];
  existingId?: string;
  notFound?: readonly string[];
  maxRecipients?: number;
  invalidRecipients?: readonly string[];
  maxSize?: number;
}>;

/** One object's no, thrown where it is noticed and caught by the standard /set (edge/http/jmap/standard-set.ts). */
export class SetFault extends Error {
  readonly error: SetError;

  constructor(error: SetError) {
    super(error.type);
    this.error = error;
  }
}

export const setFault = (type: SetErrorType, description?: string): SetFault =>
  new SetFault(description === undefined ? { type } : { type, description });
export const badProperties = (...properties: readonly string[]): SetFault => new SetFault({ type: 'invalidProperties', properties });
