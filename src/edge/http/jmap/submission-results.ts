/** What EmailSubmission/query finds, in its order (RFC 8621 §7.3). */
import { invalid, MethodError } from '../../../codec/jmap/error.ts';
import { idOf } from '../../../codec/jmap/ids.ts';
import { isText, isTextList, type JsonObject } from '../../../codec/jmap/json.ts';
import type { Submission, SubmissionRecord } from '../../../service/submissions/submissions.ts';
import { type Comparator, type Filter, matches, type QueryKind } from './standard-query.ts';

export type SubmissionCondition = (record: SubmissionRecord) => boolean;

export const SUBMISSION_QUERY: QueryKind<SubmissionCondition> = {
  condition: (value: JsonObject) => {
    const tests = Object.keys(value).map((name) => testOf(name, value[name]));
    return (record) => tests.every((test) => test(record));
  },
  // QUIRK: RFC 8621 §7.3 says sentAt where the property is sendAt; clients ask for either.
  sorts: { emailId: [], threadId: [], sentAt: [], sendAt: [] },
};

const wrong = (name: string): MethodError => invalid(`"${name}" in the filter is of the wrong type`);

function testOf(name: string, value: unknown): SubmissionCondition {
  switch (name) {
    case 'identityIds':
      return among(name, value, ({ identity }) => idOf('identity', identity));
    case 'emailIds':
      return among(name, value, ({ email }) => idOf('email', email));
    case 'threadIds':
      return among(name, value, ({ thread }) => idOf('thread', thread));
    case 'undoStatus':
      if (!isText(value)) throw wrong(name);
      return ({ undoStatus }) => undoStatus === value;
    case 'before':
    case 'after': {
      const at = dateOf(name, value);
      return ({ sendAt }) => (name === 'before' ? sendAt < at : sendAt >= at);
    }
    default:
      throw new MethodError('unsupportedFilter', `there is no filtering by "${name.slice(0, 100)}"`);
  }
}

function among(name: string, value: unknown, idIn: (record: SubmissionRecord) => string): SubmissionCondition {
  if (!isTextList(value)) throw wrong(name);
  const ids = new Set(value);
  return (record) => ids.has(idIn(record));
}

/** UTCDate (RFC 8620 §1.4). */
function dateOf(name: string, value: unknown): number {
  const at = isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw wrong(name);
  return at;
}

/** Where the comparators do not tell, by age. */
export function submissionResults(
  submissions: readonly Submission[],
  { filter, sort }: Readonly<{ filter: Filter<SubmissionCondition> | null; sort: readonly Comparator[] }>,
): readonly number[] {
  const found = submissions.filter(({ record }) => matches(filter, (holds) => holds(record)));
  const ordered = found.toSorted((one, other) => {
    for (const { property, isAscending } of sort) {
      const order = valueOf(one, property) - valueOf(other, property);
      if (order !== 0) return isAscending ? order : -order;
    }
    return one.id - other.id;
  });
  return ordered.map(({ id }) => id);
}

function valueOf({ record }: Submission, property: string): number {
  if (property === 'emailId') return record.email;
  return property === 'threadId' ? record.thread : record.sendAt;
}
