/** A problem of the admin API in a sentence: the public words, and the facts that help. */
import type { Problem } from '../../edge/http/problem.ts';

/** The `why` of facts, where a word is not enough. */
const WHY: Readonly<Record<string, (facts: Readonly<Record<string, string>>) => string>> = {
  tooShort: ({ minimum, length }) => `it has ${length} characters, and the shortest allowed has ${minimum}`,
  aboutYou: () => 'it is the person’s own name or address',
  tooCommon: () => 'it is among the first that guessers try',
  pattern: () => 'it is a row of keys or one piece repeated',
  empty: () => 'it is empty',
  tooLong: ({ limit }) => (limit === undefined ? 'it is too long' : `it has more than ${limit} octets`),
  tooMany: ({ limit }) => `there may be ${limit} at most`,
  outOfBounds: ({ least, most }) => `it may be ${least} to ${most}`,
  controlCharacter: () => 'there is a control character in it',
  cannotBeSent: () => 'no mail app can send it: it has a character without a meaning, or mixes writing to the left and to the right',
  notBoth: () => 'a new password is made or given, not both',
  notAnAddress: () => 'a mail address is name@domain',
  badLocalPart: () => 'the part before the @ cannot be used',
};

export function sayProblem({ title, detail, facts = {}, incident }: Problem): string {
  const { what, value, why } = facts;
  const subject = [what, value === undefined ? undefined : `"${value}"`].filter((part) => part !== undefined && part !== '').join(' ');
  const known = why !== undefined && Object.hasOwn(WHY, why) ? WHY[why] : undefined;
  const because = known?.(facts) ?? why;
  const parts = [subject === '' ? title : `${title}: ${subject}`, detail, because].filter((part) => part !== undefined);
  const sentence = `${parts.join(': ')}.`;
  return incident === undefined ? sentence : `${sentence} The server’s log has it as incident ${incident}.`;
}
