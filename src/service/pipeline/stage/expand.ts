/** Turns what each recipient address means here into outcomes: one copy per mailbox, one errand per outside address. */
import { withALabel } from '../recipient-address.ts';
import type { Content, Letter, LetterRecipient, Outcome } from '../letter.ts';

export function expand(letter: Letter, _content: Content): undefined {
  const filed = new Set<number>();
  const sent = new Set<string>();
  for (const outcome of letter.recipients.flatMap(outcomesOf)) {
    // Two addresses of one person bring one copy: the second would only be in the way.
    if (outcome.do === 'file' ? filed.has(outcome.account) : sent.has(outcome.recipient.address)) continue;
    if (outcome.do === 'file') filed.add(outcome.account);
    else sent.add(outcome.recipient.address);
    letter.outcomes.push(outcome);
  }
  return undefined;
}

function outcomesOf({ given, resolution }: LetterRecipient): Outcome[] {
  if (resolution.found !== 'local')
    return [{ do: 'send', recipient: { ...given, address: withALabel(given.address) }, given: given.address }];
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
