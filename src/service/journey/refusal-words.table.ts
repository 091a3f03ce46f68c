/**
 * Why we said no, as the second half of "refused because …" and "geweigerd
 * omdat …" (Dutch puts the verb last there). `owner`: who can do something.
 */
import type { RefusalName } from '../../core/refusal.table.ts';
import type { ActionOwner } from './sayings.table.ts';

type Row = Readonly<{ en: string; nl: string; owner: ActionOwner }>;

export const REFUSAL_WORDS = {
  // Addresses and relaying
  noSuchUser: { en: 'there is no such address here', nl: 'dit adres hier niet bestaat', owner: 'them' },
  noSuchDomain: { en: 'the domain of that address does not exist', nl: 'het domein van dat adres niet bestaat', owner: 'you' },
  badRecipientAddress: { en: 'that is not a valid recipient address', nl: 'dat geen geldig adres van een ontvanger is', owner: 'you' },
  badSenderAddress: { en: 'that is not a valid sender address', nl: 'dat geen geldig afzenderadres is', owner: 'them' },
  notARelay: { en: 'we do not pass mail on for others', nl: 'wij geen mail voor anderen doorgeven', owner: 'them' },
  accountClosed: { en: 'that mailbox is closed', nl: 'die mailbox gesloten is', owner: 'admin' },
  mailboxFull: { en: 'that mailbox is full', nl: 'die mailbox vol is', owner: 'you' },
  senderNotYours: { en: 'you may only send with your own addresses', nl: 'je alleen met je eigen adressen mag versturen', owner: 'you' },
  headerFromNotYours: {
    en: 'the From or Sender field of the message is not one of your addresses',
    nl: 'de afzender in het bericht niet een van jouw adressen is',
    owner: 'you',
  },
  utf8Needed: { en: 'that address has special characters', nl: 'dat adres bijzondere tekens heeft', owner: 'you' },
  nullSenderManyRecipients: {
    en: 'a message without a sender may have one recipient only',
    nl: 'een bericht zonder afzender maar één ontvanger mag hebben',
    owner: 'them',
  },
  // Content
  tooBig: { en: 'the message is larger than we take', nl: 'het bericht groter is dan wij aannemen', owner: 'them' },
  headerTooBig: {
    en: 'the header of the message is larger than we take',
    nl: 'de kop van het bericht groter is dan wij aannemen',
    owner: 'them',
  },
  bareLineEnding: { en: 'the lines of the message end in a wrong way', nl: 'de regels van het bericht verkeerd eindigen', owner: 'them' },
  badMessage: { en: 'the message is built in a wrong way', nl: 'het bericht fout is opgebouwd', owner: 'them' },
  badHeader: { en: 'the header of the message is built in a wrong way', nl: 'de kop van het bericht fout is opgebouwd', owner: 'them' },
  loop: { en: 'the message seems to go round in circles', nl: 'het bericht in een kring lijkt rond te gaan', owner: 'admin' },
  // Limits
  tooManyRecipients: { en: 'there were too many recipients at once', nl: 'er te veel ontvangers ineens waren', owner: 'them' },
  tooManyConnections: { en: 'too many connections came from there', nl: 'er te veel verbindingen van daar kwamen', owner: 'them' },
  tooManyErrors: { en: 'too many errors were made', nl: 'er te veel fouten werden gemaakt', owner: 'them' },
  tooManyMessages: { en: 'it was enough for one connection', nl: 'het genoeg was voor één verbinding', owner: 'them' },
  idleTooLong: { en: 'nothing was heard for too long', nl: 'er te lang niets werd gehoord', owner: 'them' },
  closing: { en: 'our server was shutting down', nl: 'onze server werd afgesloten', owner: 'nobody' },
  diskFull: { en: 'our server had no room', nl: 'onze server geen ruimte had', owner: 'admin' },
  trouble: { en: 'something went wrong on our side', nl: 'er bij ons iets misging', owner: 'admin' },
  // Signing in
  tlsFirst: { en: 'the line was not encrypted', nl: 'de verbinding niet versleuteld was', owner: 'you' },
  signInFirst: { en: 'nobody had signed in', nl: 'er niemand was aangemeld', owner: 'you' },
  wrongPassword: {
    en: 'that name and password do not belong together',
    nl: 'die naam en dat wachtwoord niet bij elkaar horen',
    owner: 'you',
  },
  tooManyGuesses: { en: 'too many wrong passwords came from there', nl: 'er te veel verkeerde wachtwoorden van daar kwamen', owner: 'you' },
  notForThisProtocol: {
    en: 'this password was not made for this use',
    nl: 'dit wachtwoord niet voor dit gebruik is gemaakt',
    owner: 'you',
  },
  accountPaused: {
    en: 'sending is paused to protect this account',
    nl: 'versturen is gepauzeerd om dit account te beschermen',
    owner: 'admin',
  },
  accountClosedNow: { en: 'the account was closed', nl: 'het account werd gesloten', owner: 'admin' },
  passwordWithdrawn: {
    en: 'the password that was used was changed or withdrawn',
    nl: 'het gebruikte wachtwoord werd gewijzigd of ingetrokken',
    owner: 'you',
  },
  sendingPausedNow: {
    en: 'sending was paused to protect this account',
    nl: 'versturen werd gepauzeerd om dit account te beschermen',
    owner: 'admin',
  },
  // Mailboxes
  mailboxExists: { en: 'a mailbox of that name is there already', nl: 'er al een mailbox met die naam is', owner: 'you' },
  mailboxGone: { en: 'there is no mailbox of that name', nl: 'er geen mailbox met die naam is', owner: 'you' },
  mailboxHasChildren: { en: 'that mailbox still has mailboxes in it', nl: 'er nog mailboxen in die mailbox zitten', owner: 'you' },
  mailboxHasEmail: { en: 'that mailbox still has messages in it', nl: 'er nog berichten in die mailbox zitten', owner: 'you' },
  mailboxFixed: {
    en: 'that mailbox cannot be renamed or removed',
    nl: 'die mailbox niet hernoemd of verwijderd kan worden',
    owner: 'nobody',
  },
  mailboxUseTaken: { en: 'another mailbox has that use already', nl: 'een andere map die rol al heeft', owner: 'you' },
  badMailboxName: { en: 'a mailbox cannot have that name', nl: 'een mailbox die naam niet kan hebben', owner: 'you' },
  tooManyMailboxes: { en: 'there are too many mailboxes', nl: 'er te veel mailboxen zijn', owner: 'you' },
  tooManyKeywords: {
    en: 'there are too many keywords, or one is too long',
    nl: 'er te veel labels zijn, of een ervan te lang is',
    owner: 'you',
  },
  overQuota: { en: 'there is no room left in this account', nl: 'er geen ruimte meer is in dit account', owner: 'you' },
  // Administration
  nameTaken: { en: 'that name or address is taken already', nl: 'die naam of dat adres al bezet is', owner: 'you' },
  notFound: { en: 'there is no such thing', nl: 'het er niet is', owner: 'you' },
  notAllowed: { en: 'that is not allowed', nl: 'dat niet is toegestaan', owner: 'admin' },
  badValue: { en: 'that value cannot be used', nl: 'die waarde niet bruikbaar is', owner: 'you' },
  weakPassword: { en: 'that password is too easy to guess', nl: 'dat wachtwoord te makkelijk te raden is', owner: 'you' },
} as const satisfies Readonly<Record<RefusalName, Row>>;

/** For a name that is no longer in the table: journeys live longer than versions. */
const OTHER: Row = { en: 'our rules do not allow it', nl: 'onze regels het niet toestaan', owner: 'admin' };

export function refusalWords(name: string): Row {
  return Object.hasOwn(REFUSAL_WORDS, name) ? REFUSAL_WORDS[name as RefusalName] : OTHER;
}
