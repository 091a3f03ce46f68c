/**
 * Why a message looked like spam, as the second half of "In Spam, because …"
 * and "In Spam, omdat …". By the rule's name in the filter, written without
 * case or punctuation; a rule that has no words yet is named as it is.
 */
import type { Both } from './sayings.table.ts';

const UNPROVEN: Both = { en: 'the sender could not be proven', nl: 'de afzender niet bewezen kon worden' };
const FORGED: Both = { en: 'the sender is forged', nl: 'de afzender vervalst is' };
const LISTED: Both = { en: 'its server is on a blocklist', nl: 'de server ervan op een blokkeerlijst staat' };
const LINK: Both = { en: 'a link in it is on a blocklist', nl: 'een link erin op een blokkeerlijst staat' };
const NAMELESS: Both = { en: 'its server has no proper name', nl: 'de server ervan geen juiste naam heeft' };
const LIKE_SPAM: Both = { en: 'the words look like spam you had before', nl: 'de woorden lijken op eerdere spam' };
const BUILT: Both = { en: 'it is built in an odd way', nl: 'het vreemd is opgebouwd' };
const FIRST: Both = { en: 'this sender never wrote before', nl: 'deze afzender nooit eerder schreef' };
const HIDDEN: Both = { en: 'it hides where a link leads to', nl: 'het verbergt waar een link heen gaat' };
const FILE: Both = { en: 'an attachment is of a dangerous kind', nl: 'een bijlage van een gevaarlijke soort is' };
const ALIKE: Both = {
  en: 'the sender’s address looks like one you know, but is another',
  nl: 'het afzenderadres lijkt op een bekend adres, maar een ander is',
};

const WORDS: Readonly<Record<string, Both>> = {
  spffail: UNPROVEN,
  spfsoftfail: UNPROVEN,
  spfnone: UNPROVEN,
  dkimfail: UNPROVEN,
  dkimnone: UNPROVEN,
  unproven: UNPROVEN,
  dmarcfail: FORGED,
  dmarcquarantine: FORGED,
  dmarcreject: FORGED,
  forged: FORGED,
  blocklist: LISTED,
  dnsbl: LISTED,
  iplisted: LISTED,
  listedip: LISTED,
  domainlisted: LINK,
  listeddomain: LINK,
  linklisted: LINK,
  urilisted: LINK,
  noreversedns: NAMELESS,
  reversedns: NAMELESS,
  iprevfail: NAMELESS,
  genericname: NAMELESS,
  badhelo: NAMELESS,
  helo: NAMELESS,
  bayes: LIKE_SPAM,
  learned: LIKE_SPAM,
  classifier: LIKE_SPAM,
  words: LIKE_SPAM,
  badheader: BUILT,
  nomessageid: BUILT,
  nodate: BUILT,
  format: BUILT,
  firstcontact: FIRST,
  unknownsender: FIRST,
  hiddenlink: HIDDEN,
  deceptivelink: HIDDEN,
  dangerousfile: FILE,
  attachment: FILE,
  lookalike: ALIKE,
  displayname: ALIKE,
};

/** Characters of a rule's name that are shown. */
const NAME_LIMIT = 60;

export function reasonWords(rule: string): Both {
  const name = rule.slice(0, NAME_LIMIT);
  const key = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (Object.hasOwn(WORDS, key)) return WORDS[key] ?? UNPROVEN;
  return { en: `the check “${name}” says so`, nl: `de controle “${name}” dat aangeeft` };
}
