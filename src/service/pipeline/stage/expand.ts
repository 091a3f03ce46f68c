/** Turns what each recipient address means here into outcomes: one copy per mailbox, one errand per outside address. */
import { withALabel } from '../recipient-address.ts';
import type { Content, Letter, LetterRecipient, Outcome } from '../letter.ts';

export function expand(letter: Letter, _content: Content): undefined {
  const filed = new Set<number>();
  const sent = new Set<string>();
  const outcomes = letter.recipients.flatMap((recipient) => (letter.releaseAt === null ? outcomesOf(recipient) : [wholly(recipient)]));
  for (const outcome of outcomes) {
    // Two addresses of one person bring one copy: the second would only be in the way.
    if (outcome.do === 'file' ? filed.has(outcome.account) : sent.has(outcome.recipient.address)) continue;
    if (outcome.do === 'file') filed.add(outcome.account);
    else sent.add(outcome.recipient.address);
    letter.outcomes.push(outcome);
  }
  return undefined;
}

/** As it was given: who that is here is asked again when its time has come. */
const wholly = ({ given }: LetterRecipient): Outcome => ({
  do: 'send',
  recipient: { ...given, address: withALabel(given.address) },
  given: given.address,
});

function outcomesOf({ given, resolution }: LetterRecipient): Outcome[] {
  if (resolution.found !== 'local') return [wholly({ given, resolution })];
  const { organisation, through } = resolution;
  return resolution.targets.map(
    (target): Outcome =>
      target.to === 'account'
        ? { do: 'file', account: target.account, organisation, given: given.address, through }
        : {
            do: 'send',
            recipient: { ...given, address: target.address, originalRecipient: given.originalRecipient ?? `rfc822;${given.address}` },
            given: given.address,
          },
  );
}
