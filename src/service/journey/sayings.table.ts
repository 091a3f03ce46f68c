/**
 * What a reply means, in plain words (design: "40 replies in plain words").
 * Rules: name the actor, the fact and the next step; blame nobody; no codes;
 * short words. `next` is for a final no. While we still try by ourselves,
 * `wait` is said instead; without one, that we try again, and then `next`.
 * "Our administrator" is the reader's own; "their server" the other side's.
 */
export type Language = 'en' | 'nl';
export type Both = Readonly<Record<Language, string>>;
/** Who can fix it: the writer, the other side, our administrator, or nobody but time. */
export type ActionOwner = 'you' | 'them' | 'admin' | 'nobody';

export type Saying = Readonly<{
  owner: ActionOwner;
  /** Page of the guide. */
  help: string;
  en: Readonly<{ meaning: string; next: string; wait?: string }>;
  nl: Readonly<{ meaning: string; next: string; wait?: string }>;
}>;

/** Put before `next` where we try again and the saying has no `wait` of its own. */
export const TRYING: Both = { en: 'We try again by ourselves.', nl: 'Wij proberen het vanzelf opnieuw.' };

export const SAYINGS = {
  // It got there
  accepted: {
    owner: 'nobody',
    help: 'handed-over',
    en: { meaning: 'Their server accepted the message. From here on only they know what happens.', next: 'You need do nothing.' },
    nl: { meaning: 'Hun server heeft het bericht aangenomen. Wat er daarna gebeurt, weten alleen zij.', next: 'Je hoeft niets te doen.' },
  },

  // The address
  noSuchAddress: {
    owner: 'you',
    help: 'no-such-address',
    en: { meaning: 'This address does not exist there.', next: 'Check the spelling, or ask for the right address.' },
    nl: { meaning: 'Dit adres bestaat daar niet.', next: 'Controleer de spelling, of vraag het juiste adres.' },
  },
  maybeNoSuchAddress: {
    owner: 'you',
    help: 'no-such-address',
    en: { meaning: 'Their server does not know this address, or cannot look it up now.', next: 'Check the spelling of the address.' },
    nl: { meaning: 'Hun server kent dit adres niet, of kan het nu niet opzoeken.', next: 'Controleer de spelling van het adres.' },
  },
  addressOrSetup: {
    owner: 'you',
    help: 'unknown-at-microsoft',
    en: {
      meaning: 'They do not know this address, or their domain is only half set up.',
      next: 'Check the address. If it is right, tell them in another way.',
    },
    nl: {
      meaning: 'Zij kennen dit adres niet, of hun domein is maar half ingericht.',
      next: 'Controleer het adres. Klopt het, meld het hun dan op een andere manier.',
    },
  },
  manyPeopleOfThatName: {
    owner: 'you',
    help: 'ambiguous-address',
    en: { meaning: 'This address fits more than one person there.', next: 'Ask for the full address.' },
    nl: { meaning: 'Dit adres past daar bij meer dan één persoon.', next: 'Vraag het volledige adres.' },
  },
  noSuchDomain: {
    owner: 'you',
    help: 'no-such-domain',
    en: { meaning: 'The part after the @ does not exist.', next: 'Check the spelling of the address.' },
    nl: { meaning: 'Het deel na de @ bestaat niet.', next: 'Controleer de spelling van het adres.' },
  },
  badAddress: {
    owner: 'you',
    help: 'bad-address',
    en: { meaning: 'This is not a valid address.', next: 'Correct the address and send it again.' },
    nl: { meaning: 'Dit is geen geldig adres.', next: 'Verbeter het adres en stuur het opnieuw.' },
  },
  takesNoMail: {
    owner: 'you',
    help: 'takes-no-mail',
    en: { meaning: 'This domain takes no mail.', next: 'Find another address.' },
    nl: { meaning: 'Dit domein ontvangt geen mail.', next: 'Zoek een ander adres.' },
  },
  moved: {
    owner: 'you',
    help: 'moved',
    en: { meaning: 'This person has moved to another address.', next: 'Use the new address, or ask for it.' },
    nl: { meaning: 'Deze persoon is verhuisd naar een ander adres.', next: 'Gebruik het nieuwe adres, of vraag ernaar.' },
  },
  ownerChanged: {
    owner: 'you',
    help: 'owner-changed',
    en: { meaning: 'This address now belongs to somebody else.', next: 'Ask the person you mean for their address.' },
    nl: { meaning: 'Dit adres is nu van iemand anders.', next: 'Vraag de persoon die je bedoelt om het juiste adres.' },
  },
  noAccents: {
    owner: 'you',
    help: 'accents-in-addresses',
    en: { meaning: 'Their server cannot handle special characters in addresses.', next: 'Use an address without special characters.' },
    nl: { meaning: 'Hun server kan geen bijzondere tekens in adressen aan.', next: 'Gebruik een adres zonder bijzondere tekens.' },
  },

  // The mailbox
  mailboxFull: {
    owner: 'them',
    help: 'mailbox-full',
    en: { meaning: 'The mailbox of the recipient is full.', next: 'Reach them in another way and ask them to make room.' },
    nl: { meaning: 'De mailbox van de ontvanger is vol.', next: 'Neem anders contact op en vraag om ruimte te maken.' },
  },
  closed: {
    owner: 'them',
    help: 'mailbox-closed',
    en: { meaning: 'This mailbox is closed or switched off.', next: 'Ask for another address.' },
    nl: { meaning: 'Deze mailbox is gesloten of uitgezet.', next: 'Vraag een ander adres.' },
  },
  tooMuchForThem: {
    owner: 'nobody',
    help: 'too-much-mail',
    en: { meaning: 'The recipient gets too much mail at this moment.', next: 'Send it again later.', wait: 'We try again by ourselves.' },
    nl: {
      meaning: 'De ontvanger krijgt op dit moment te veel mail.',
      next: 'Stuur het later opnieuw.',
      wait: 'Wij proberen het vanzelf opnieuw.',
    },
  },
  insidersOnly: {
    owner: 'them',
    help: 'insiders-only',
    en: { meaning: 'This group or person takes mail from insiders only.', next: 'Ask the owner of the group to let you in.' },
    nl: { meaning: 'Deze groep of persoon ontvangt alleen interne mail.', next: 'Vraag de beheerder van de groep om je toe te laten.' },
  },
  listTrouble: {
    owner: 'them',
    help: 'list-trouble',
    en: { meaning: 'Their mailing list does not work as it should.', next: 'Tell the owner of the list.' },
    nl: { meaning: 'Hun mailinglijst werkt niet zoals het hoort.', next: 'Meld het de beheerder van de lijst.' },
  },
  recipientRefusesYou: {
    owner: 'them',
    help: 'refused-by-recipient',
    en: { meaning: 'The recipient does not want mail from this sender.', next: 'Reach them in another way and ask them to allow you.' },
    nl: { meaning: 'De ontvanger wil geen mail van deze afzender.', next: 'Neem anders contact op en vraag om je toe te laten.' },
  },
  tooBig: {
    owner: 'you',
    help: 'too-big',
    en: { meaning: 'The message is too large for them.', next: 'Send a link instead of the attachment.' },
    nl: { meaning: 'Het bericht is te groot voor hen.', next: 'Stuur een link in plaats van de bijlage.' },
  },

  // Time will tell
  busy: {
    owner: 'nobody',
    help: 'too-busy',
    en: { meaning: 'Their server is too busy.', next: 'Send it again later.', wait: 'We try again by ourselves.' },
    nl: { meaning: 'Hun server heeft het te druk.', next: 'Stuur het later opnieuw.', wait: 'Wij proberen het vanzelf opnieuw.' },
  },
  noAnswer: {
    owner: 'nobody',
    help: 'no-answer',
    en: {
      meaning: 'Their server does not answer.',
      next: 'Call them if it is urgent, and send it again later.',
      wait: 'We try again by ourselves. Call them if it is urgent.',
    },
    nl: {
      meaning: 'Hun server reageert niet.',
      next: 'Bel hen als het haast heeft, en stuur het later opnieuw.',
      wait: 'Wij proberen het vanzelf opnieuw. Bel hen als het haast heeft.',
    },
  },
  brokenOff: {
    owner: 'nobody',
    help: 'connection-lost',
    en: { meaning: 'The link with their server broke off.', next: 'Send it again later.', wait: 'We try again by ourselves.' },
    nl: { meaning: 'De verbinding met hun server brak af.', next: 'Stuur het later opnieuw.', wait: 'Wij proberen het vanzelf opnieuw.' },
  },
  comeBack: {
    owner: 'nobody',
    help: 'come-back-later',
    en: {
      meaning: 'They asked us to try again later. This is normal for a first contact.',
      next: 'Send it again in half an hour.',
      wait: 'We try again by ourselves. It usually takes some minutes.',
    },
    nl: {
      meaning: 'Ze vroegen om later terug te komen. Dat is gewoon bij een eerste contact.',
      next: 'Stuur het over een half uur opnieuw.',
      wait: 'Wij proberen het vanzelf opnieuw. Meestal duurt het enkele minuten.',
    },
  },
  dnsTrouble: {
    owner: 'nobody',
    help: 'dns-trouble',
    en: {
      meaning: 'The address book of the internet (DNS) gave no answer.',
      next: 'Send it again later.',
      wait: 'We try again by ourselves.',
    },
    nl: {
      meaning: 'Het adresboek van internet (DNS) gaf geen antwoord.',
      next: 'Stuur het later opnieuw.',
      wait: 'Wij proberen het vanzelf opnieuw.',
    },
  },
  tooManyRecipients: {
    owner: 'nobody',
    help: 'too-many-recipients',
    en: {
      meaning: 'They do not take so many recipients at once.',
      next: 'Send it to fewer people at a time.',
      wait: 'We split the message and try again by ourselves.',
    },
    nl: {
      meaning: 'Zij nemen niet zo veel ontvangers ineens aan.',
      next: 'Stuur het aan minder mensen tegelijk.',
      wait: 'Wij splitsen het bericht en proberen het vanzelf opnieuw.',
    },
  },
  tooManyConnections: {
    owner: 'nobody',
    help: 'too-many-connections',
    en: {
      meaning: 'We knocked on their door too often in a short time.',
      next: 'Send it again later.',
      wait: 'We slow down and try again by ourselves.',
    },
    nl: {
      meaning: 'Wij klopten in korte tijd te vaak bij hen aan.',
      next: 'Stuur het later opnieuw.',
      wait: 'Wij doen het rustiger aan en proberen het vanzelf opnieuw.',
    },
  },
  microsoftWary: {
    owner: 'nobody',
    help: 'microsoft-wary',
    en: {
      meaning: 'Microsoft is wary of our server for now.',
      next: 'Send it again later.',
      wait: 'We try again by ourselves, more slowly.',
    },
    nl: {
      meaning: 'Microsoft is tijdelijk wantrouwig tegenover onze server.',
      next: 'Stuur het later opnieuw.',
      wait: 'Wij proberen het vanzelf opnieuw, maar langzamer.',
    },
  },
  gaveUp: {
    owner: 'you',
    help: 'gave-up',
    en: { meaning: 'It was tried for days without success, and then stopped.', next: 'Check the address and send it again.' },
    nl: { meaning: 'Het is dagen geprobeerd zonder succes, en toen gestopt.', next: 'Controleer het adres en stuur het opnieuw.' },
  },

  // Trouble on the other side
  theirFault: {
    owner: 'them',
    help: 'trouble-at-theirs',
    en: { meaning: 'Their server has a fault or no space left.', next: 'Tell them in another way that their mail has trouble.' },
    nl: {
      meaning: 'Hun server heeft een storing of geen ruimte meer.',
      next: 'Meld hun op een andere manier dat hun mail een storing heeft.',
    },
  },
  theirSetup: {
    owner: 'them',
    help: 'wrong-setup-at-theirs',
    en: { meaning: 'Their server is not set up well.', next: 'Tell them in another way; their administrator must look at it.' },
    nl: { meaning: 'Hun server is niet goed ingesteld.', next: 'Meld het hun op een andere manier; hun beheerder moet ernaar kijken.' },
  },
  notTaking: {
    owner: 'them',
    help: 'not-taking-mail',
    en: { meaning: 'That server takes no mail at this moment.', next: 'Reach them in another way.' },
    nl: { meaning: 'Die server neemt op dit moment geen mail aan.', next: 'Neem op een andere manier contact op.' },
  },
  noWay: {
    owner: 'them',
    help: 'no-way-there',
    en: { meaning: 'No way to their server was found.', next: 'Check the address. If it is right, tell them in another way.' },
    nl: {
      meaning: 'Er is geen weg naar hun server gevonden.',
      next: 'Controleer het adres. Klopt het, meld het hun dan op een andere manier.',
    },
  },
  noServer: {
    owner: 'you',
    help: 'no-way-there',
    en: {
      meaning: 'This domain has no mail server.',
      next: 'Check the spelling of the address. If it is right, tell them in another way.',
    },
    nl: {
      meaning: 'Dit domein heeft geen mailserver.',
      next: 'Controleer de spelling van het adres. Klopt het, meld het hun dan op een andere manier.',
    },
  },
  notTheirDomain: {
    owner: 'them',
    help: 'wrong-mail-server',
    en: {
      meaning: 'That server does not handle mail for this domain.',
      next: 'Tell them in another way that their mail settings (MX) are wrong.',
    },
    nl: {
      meaning: 'Die server hoort niet bij dit domein.',
      next: 'Meld hun op een andere manier dat hun mailinstellingen (MX) niet kloppen.',
    },
  },
  noTls: {
    owner: 'them',
    help: 'no-secure-link',
    en: {
      meaning: 'No secure link with their server is possible now.',
      next: 'Tell them in another way. Our administrator can see why.',
      wait: 'We try again by ourselves. Our administrator can see why.',
    },
    nl: {
      meaning: 'Er is nu geen veilige verbinding met hun server mogelijk.',
      next: 'Meld het hun op een andere manier. Onze beheerder kan zien waarom.',
      wait: 'Wij proberen het vanzelf opnieuw. Onze beheerder kan zien waarom.',
    },
  },
  notProven: {
    owner: 'them',
    help: 'server-not-proven',
    en: {
      meaning: 'We could not prove that it is really their server.',
      next: 'Warn them in another way; we did not send the message.',
      wait: 'We hold it back and try again. Warn them in another way.',
    },
    nl: {
      meaning: 'Het is niet zeker dat dit hun server is.',
      next: 'Waarschuw hen op een andere manier; we hebben het bericht niet verstuurd.',
      wait: 'We houden het vast en proberen het opnieuw. Waarschuw hen op een andere manier.',
    },
  },
  cannotPromiseTls: {
    owner: 'them',
    help: 'tls-required',
    en: {
      meaning: 'You asked for encryption all the way, and their server cannot promise that.',
      next: 'Send it without this demand, or in another way.',
    },
    nl: {
      meaning: 'Je vroeg om versleuteling tot het eind, en dat kan hun server niet beloven.',
      next: 'Stuur het zonder deze eis, of op een andere manier.',
    },
  },

  // Their rules
  theirRules: {
    owner: 'them',
    help: 'refused-by-their-rules',
    en: { meaning: 'Their server refuses this message by its own rules.', next: 'Ask them in another way to allow you.' },
    nl: { meaning: 'Hun server weigert dit bericht volgens de eigen regels.', next: 'Vraag hun op een andere manier om je toe te laten.' },
  },
  looksLikeSpam: {
    owner: 'you',
    help: 'looks-like-spam',
    en: {
      meaning: 'They think this message is spam.',
      next: 'Write it another way, with fewer links, or ask them to allow you.',
    },
    nl: {
      meaning: 'Zij denken dat dit bericht spam is.',
      next: 'Schrijf het anders, met minder links, of vraag hun om je toe te laten.',
    },
  },
  blockedLink: {
    owner: 'you',
    help: 'blocked-link',
    en: { meaning: 'A link in the message is on a blocklist.', next: 'Take the link out and send it again.' },
    nl: { meaning: 'Een link in het bericht staat op een blokkeerlijst.', next: 'Haal de link weg en stuur het opnieuw.' },
  },
  dangerous: {
    owner: 'you',
    help: 'dangerous-attachment',
    en: { meaning: 'They think an attachment is dangerous.', next: 'Send another kind of file, or a link.' },
    nl: { meaning: 'Zij denken dat een bijlage gevaarlijk is.', next: 'Stuur een ander soort bestand, of een link.' },
  },
  virus: {
    owner: 'you',
    help: 'virus',
    en: { meaning: 'They found a virus in the message.', next: 'Check your computer and the attachment before you send it again.' },
    nl: { meaning: 'Zij vonden een virus in het bericht.', next: 'Controleer je computer en de bijlage voordat je het opnieuw stuurt.' },
  },
  badlyBuilt: {
    owner: 'you',
    help: 'badly-built',
    en: { meaning: 'The message is built in a wrong way.', next: 'Try it from webmail, and tell our administrator which app you used.' },
    nl: { meaning: 'Het bericht is fout opgebouwd.', next: 'Probeer het vanuit webmail, en meld onze beheerder welke app je gebruikte.' },
  },
  cannotRead: {
    owner: 'you',
    help: 'cannot-read-content',
    en: { meaning: 'Their server cannot handle this kind of content.', next: 'Send it as plain text, or send a link.' },
    nl: { meaning: 'Hun server kan dit soort inhoud niet aan.', next: 'Stuur het als platte tekst, of stuur een link.' },
  },
  senderRefused: {
    owner: 'them',
    help: 'sender-refused',
    en: { meaning: 'They do not accept mail from this sender address.', next: 'Ask them in another way to allow you.' },
    nl: { meaning: 'Zij nemen geen mail aan van dit afzenderadres.', next: 'Vraag hun op een andere manier om je toe te laten.' },
  },
  badSender: {
    owner: 'you',
    help: 'bad-sender',
    en: { meaning: 'They do not take your sender address for a valid one.', next: 'Check your own address in your mail app.' },
    nl: { meaning: 'Zij vinden je afzenderadres niet geldig.', next: 'Controleer je eigen adres in je mailapp.' },
  },
  tooManyFromYou: {
    owner: 'you',
    help: 'sending-limit',
    en: { meaning: 'More mail was sent than is allowed in a day.', next: 'Send it again tomorrow.' },
    nl: { meaning: 'Er is meer mail verstuurd dan op een dag mag.', next: 'Stuur het morgen opnieuw.' },
  },

  // For our administrator
  blocklisted: {
    owner: 'admin',
    help: 'on-a-blocklist',
    en: {
      meaning: 'Our server is on a blocklist.',
      next: 'Our administrator must find the cause, and then ask the list to remove us.',
    },
    nl: {
      meaning: 'Onze server staat op een blokkeerlijst.',
      next: 'Onze beheerder moet de oorzaak zoeken, en daarna om verwijdering vragen.',
    },
  },
  dynamicAddress: {
    owner: 'admin',
    help: 'listed-as-home-address',
    en: {
      meaning: 'A list says that the IP address of our server is a home connection, which should not send mail itself.',
      next: 'Our administrator must take the address off that list, or send by a relay provider.',
    },
    nl: {
      meaning: 'Volgens een lijst is het IP-adres van onze server een thuisaansluiting, die niet zelf mail hoort te versturen.',
      next: 'Onze beheerder moet het adres van die lijst laten halen, of via een doorgeefprovider versturen.',
    },
  },
  networkBlocked: {
    owner: 'admin',
    help: 'network-blocked',
    en: {
      meaning: 'They block the IP address of our server or its neighbours.',
      next: 'Our administrator must find the cause, and then ask them to let us in.',
    },
    nl: {
      meaning: 'Zij blokkeren het IP-adres van onze server of van de buren.',
      next: 'Onze beheerder moet de oorzaak zoeken, en daarna vragen om ons toe te laten.',
    },
  },
  microsoftBlocks: {
    owner: 'admin',
    help: 'microsoft-blocks-us',
    en: {
      meaning: 'Microsoft blocks the IP address of our server.',
      next: 'Our administrator must fill in the removal form of Microsoft, and check who else uses our network.',
    },
    nl: {
      meaning: 'Microsoft blokkeert het IP-adres van onze server.',
      next: 'Onze beheerder moet het formulier van Microsoft invullen, en nagaan wie er nog meer op ons netwerk zit.',
    },
  },
  microsoftBulk: {
    owner: 'admin',
    help: 'microsoft-bulk-rules',
    en: {
      meaning: 'Microsoft takes us for a sender of much mail, and our proof is not complete.',
      next: 'Our administrator must get SPF, DKIM and DMARC right.',
    },
    nl: {
      meaning: 'Microsoft ziet ons als een grote verzender, en ons bewijs is niet volledig.',
      next: 'Onze beheerder moet zorgen dat SPF, DKIM en DMARC kloppen.',
    },
  },
  microsoftAccount: {
    owner: 'admin',
    help: 'microsoft-account-blocked',
    en: {
      meaning: 'Microsoft has blocked the sending account or organisation.',
      next: 'Its administrator must secure the account and unblock it at Microsoft.',
    },
    nl: {
      meaning: 'Microsoft heeft het verzendende account of de organisatie geblokkeerd.',
      next: 'De beheerder daarvan moet het account beveiligen en bij Microsoft deblokkeren.',
    },
  },
  complaints: {
    owner: 'admin',
    help: 'complaints',
    en: {
      meaning: 'They had complaints about our IP address, or suddenly much mail from it.',
      next: 'Our administrator must find the source, slow down and then ask them.',
      wait: 'We slow down and try again. Our administrator must find the source.',
    },
    nl: {
      meaning: 'Zij kregen klachten over ons IP-adres, of opeens veel mail ervan.',
      next: 'Onze beheerder moet de bron zoeken, rustiger aan doen en het hun dan vragen.',
      wait: 'Wij doen het rustiger aan en proberen het opnieuw. Onze beheerder moet de bron zoeken.',
    },
  },
  reputation: {
    owner: 'admin',
    help: 'low-reputation',
    en: {
      meaning: 'They think we send too much, or do not know us well enough yet.',
      next: 'Our administrator must check for abuse and slow down.',
      wait: 'We slow down and try again. Our administrator must check for abuse.',
    },
    nl: {
      meaning: 'Zij vinden dat wij te veel versturen, of kennen ons nog niet goed genoeg.',
      next: 'Onze beheerder moet misbruik uitsluiten en rustiger aan doen.',
      wait: 'Wij doen het rustiger aan en proberen het opnieuw. Onze beheerder moet misbruik uitsluiten.',
    },
  },
  spf: {
    owner: 'admin',
    help: 'spf',
    en: {
      meaning: 'Our server is not on the list of your domain (SPF).',
      next: 'Our administrator must correct the settings of your domain (DNS).',
    },
    nl: {
      meaning: 'Onze server staat niet op de lijst van je domein (SPF).',
      next: 'Onze beheerder moet de instellingen van je domein (DNS) herstellen.',
    },
  },
  dkim: {
    owner: 'admin',
    help: 'dkim',
    en: {
      meaning: 'The signature of the message (DKIM) is missing or broken.',
      next: 'Our administrator must check the key and the settings of your domain (DNS).',
    },
    nl: {
      meaning: 'De handtekening van het bericht (DKIM) ontbreekt of is stuk.',
      next: 'Onze beheerder moet de sleutel en de instellingen van je domein (DNS) nakijken.',
    },
  },
  dmarc: {
    owner: 'admin',
    help: 'dmarc',
    en: {
      meaning: 'They could not prove the sender, and the domain says that such mail must be refused (DMARC).',
      next: 'Our administrator must check SPF and DKIM. Mail that was passed on needs an extra mark (ARC).',
    },
    nl: {
      meaning: 'Zij konden de afzender niet bewijzen, en volgens het domein moet zulke mail geweigerd worden (DMARC).',
      next: 'Onze beheerder moet SPF en DKIM nakijken. Doorgestuurde mail vraagt een extra merk (ARC).',
    },
  },
  notProvenSender: {
    owner: 'admin',
    help: 'sender-not-proven',
    en: { meaning: 'They could not prove who the sender is.', next: 'Our administrator must check SPF and DKIM.' },
    nl: { meaning: 'Zij konden niet bewijzen wie de afzender is.', next: 'Onze beheerder moet SPF en DKIM nakijken.' },
  },
  noDmarc: {
    owner: 'admin',
    help: 'dmarc-missing',
    en: {
      meaning: 'Your domain does not say what to do with forged mail (DMARC is missing).',
      next: 'Our administrator must publish DMARC in the settings of your domain (DNS).',
    },
    nl: {
      meaning: 'Je domein zegt niet wat er met vervalste mail moet gebeuren (DMARC ontbreekt).',
      next: 'Onze beheerder moet DMARC in de instellingen van je domein (DNS) zetten.',
    },
  },
  notAligned: {
    owner: 'admin',
    help: 'dmarc-alignment',
    en: {
      meaning: 'The domain of the sender does not match the proof.',
      next: 'Our administrator must bring the sender, SPF and DKIM into line.',
    },
    nl: {
      meaning: 'Het domein van de afzender past niet bij het bewijs.',
      next: 'Onze beheerder moet de afzender, SPF en DKIM gelijktrekken.',
    },
  },
  arc: {
    owner: 'admin',
    help: 'arc',
    en: {
      meaning: 'The marks of a server that passed the message on (ARC) are broken.',
      next: 'Our administrator must check the forward.',
    },
    nl: {
      meaning: 'De merken van een server die het bericht doorstuurde (ARC) zijn stuk.',
      next: 'Onze beheerder moet het doorsturen nakijken.',
    },
  },
  reverseDns: {
    owner: 'admin',
    help: 'reverse-dns',
    en: {
      meaning: 'The IP address of our server has no proper name (reverse DNS).',
      next: 'Our administrator must ask the hosting company for it; the text is ready.',
    },
    nl: {
      meaning: 'Het IP-adres van onze server heeft geen juiste naam (omgekeerde DNS).',
      next: 'Onze beheerder moet het aan het hostingbedrijf vragen; de tekst staat klaar.',
    },
  },
  helloName: {
    owner: 'admin',
    help: 'server-name',
    en: { meaning: 'They do not accept the name our server gives itself.', next: 'Our administrator must correct the name of our server.' },
    nl: {
      meaning: 'Zij accepteren de naam niet waarmee onze server zich voorstelt.',
      next: 'Onze beheerder moet de naam van onze server herstellen.',
    },
  },
  wantTls: {
    owner: 'admin',
    help: 'encryption-wanted',
    en: { meaning: 'They want an encrypted link.', next: 'Our administrator must turn encryption (TLS) on.' },
    nl: { meaning: 'Zij eisen een versleutelde verbinding.', next: 'Onze beheerder moet versleuteling (TLS) aanzetten.' },
  },
  senderDomainUnknown: {
    owner: 'admin',
    help: 'sender-domain',
    en: {
      meaning: 'They cannot find the domain of the sender.',
      next: 'Check your own address. Our administrator must check the settings of your domain (DNS).',
    },
    nl: {
      meaning: 'Zij kunnen het domein van de afzender niet vinden.',
      next: 'Controleer je eigen adres. Onze beheerder moet de instellingen van je domein (DNS) nakijken.',
    },
  },
  senderTakesNoMail: {
    owner: 'admin',
    help: 'sender-takes-no-mail',
    en: {
      meaning: 'Your domain says that it takes no mail, so nobody could answer you.',
      next: 'Our administrator must correct the settings of your domain (MX).',
    },
    nl: {
      meaning: 'Je domein zegt dat het geen mail ontvangt, dus niemand kan je antwoorden.',
      next: 'Onze beheerder moet de instellingen van je domein (MX) herstellen.',
    },
  },
  loop: {
    owner: 'admin',
    help: 'going-in-circles',
    en: { meaning: 'The message goes round in circles.', next: 'Our administrator must check the forwards.' },
    nl: { meaning: 'Het bericht gaat in een kring rond.', next: 'Onze beheerder moet de doorstuurregels nakijken.' },
  },
  ourFault: {
    owner: 'admin',
    help: 'trouble-at-ours',
    en: {
      meaning: 'Our own server had to stop halfway.',
      next: 'Send it again. If it happens often, tell our administrator.',
      wait: 'We try again by ourselves.',
    },
    nl: {
      meaning: 'Onze eigen server moest halverwege stoppen.',
      next: 'Stuur het opnieuw. Gebeurt het vaak, meld het dan onze beheerder.',
      wait: 'Wij proberen het vanzelf opnieuw.',
    },
  },
  contentLost: {
    owner: 'admin',
    help: 'trouble-at-ours',
    en: {
      meaning: 'Our own server could not read the message to the end.',
      next: 'Send it again, and tell our administrator.',
      wait: 'We try again by ourselves. Our administrator must look at it.',
    },
    nl: {
      meaning: 'Onze eigen server kon het bericht niet tot het eind lezen.',
      next: 'Stuur het opnieuw, en meld het onze beheerder.',
      wait: 'Wij proberen het vanzelf opnieuw. Onze beheerder moet ernaar kijken.',
    },
  },
  misunderstood: {
    owner: 'admin',
    help: 'misunderstood',
    en: { meaning: 'The two servers did not understand each other.', next: 'Report it to our administrator.' },
    nl: { meaning: 'De twee servers begrepen elkaar niet.', next: 'Meld het onze beheerder.' },
  },
  relaySignIn: {
    owner: 'admin',
    help: 'relay-sign-in',
    en: {
      meaning: 'That server wants us to sign in, or does not accept our password.',
      next: 'Our administrator must check how we sign in there.',
    },
    nl: {
      meaning: 'Die server wil dat wij ons aanmelden, of accepteert ons wachtwoord niet.',
      next: 'Onze beheerder moet nakijken hoe wij ons daar aanmelden.',
    },
  },
  relaySilent: {
    owner: 'admin',
    help: 'no-answer',
    en: {
      meaning: 'Our relay does not answer.',
      next: 'Our administrator must check the relay. After that, send it again.',
      wait: 'We try again by ourselves. Our administrator must check the relay.',
    },
    nl: {
      meaning: 'Onze relay reageert niet.',
      next: 'Onze beheerder moet de relay nakijken. Stuur het daarna opnieuw.',
      wait: 'Wij proberen het vanzelf opnieuw. Onze beheerder moet de relay nakijken.',
    },
  },
  relayNoTls: {
    owner: 'admin',
    help: 'no-secure-link',
    en: {
      meaning: 'No secure link with our relay is possible now.',
      next: 'Our administrator must check the relay. After that, send it again.',
      wait: 'We try again by ourselves. Our administrator must check the relay.',
    },
    nl: {
      meaning: 'Er is nu geen veilige verbinding met onze relay mogelijk.',
      next: 'Onze beheerder moet de relay nakijken. Stuur het daarna opnieuw.',
      wait: 'Wij proberen het vanzelf opnieuw. Onze beheerder moet de relay nakijken.',
    },
  },
  relayNotProven: {
    owner: 'admin',
    help: 'server-not-proven',
    en: {
      meaning: 'Our relay could not prove who it is: its certificate is not from an authority that we believe, or not for its name.',
      next: 'Our administrator must check the certificate of the relay. After that, send it again.',
      wait: 'We hold it back and try again. Our administrator must check the certificate of the relay.',
    },
    nl: {
      meaning:
        'Onze relay kon niet bewijzen wie hij is: zijn certificaat is niet van een instantie die wij vertrouwen, of niet voor zijn naam.',
      next: 'Onze beheerder moet het certificaat van de relay nakijken. Stuur het daarna opnieuw.',
      wait: 'We houden het vast en proberen het opnieuw. Onze beheerder moet het certificaat van de relay nakijken.',
    },
  },
  relayBusy: {
    owner: 'nobody',
    help: 'not-now',
    en: { meaning: 'Our relay cannot take the message now.', next: 'Send it again later.', wait: 'We try again by ourselves.' },
    nl: {
      meaning: 'Onze relay kan het bericht nu niet aannemen.',
      next: 'Stuur het later opnieuw.',
      wait: 'Wij proberen het vanzelf opnieuw.',
    },
  },
  relayRefuses: {
    owner: 'admin',
    help: 'relay-refuses',
    en: {
      meaning: 'The relay provider does not send this message for us.',
      next: 'Our administrator must check the account at the relay provider.',
    },
    nl: {
      meaning: 'De doorgeefprovider verstuurt dit bericht niet voor ons.',
      next: 'Onze beheerder moet het account bij de doorgeefprovider nakijken.',
    },
  },
  forwardBlocked: {
    owner: 'admin',
    help: 'forwarding-off',
    en: {
      meaning: 'Passing mail on to outsiders is switched off there.',
      next: 'The administrator of that organisation must allow it.',
    },
    nl: {
      meaning: 'Doorsturen naar buiten staat daar uit.',
      next: 'De beheerder van die organisatie moet het toestaan.',
    },
  },
  signIn: {
    owner: 'you',
    help: 'app-password',
    en: { meaning: 'The password of your mail app is wrong or missing.', next: 'Make an app password and put it in your app.' },
    nl: { meaning: 'Het wachtwoord van je mailapp klopt niet of ontbreekt.', next: 'Maak een app-wachtwoord en zet het in je app.' },
  },

  // When nothing more is known
  someNo: {
    owner: 'them',
    help: 'refused',
    en: {
      meaning: 'Their server refused the message and gave no clear reason.',
      next: 'Reach them in another way, and show them the exact answer below.',
    },
    nl: {
      meaning: 'Hun server weigerde het bericht en gaf geen duidelijke reden.',
      next: 'Neem anders contact op, en laat hun het letterlijke antwoord hieronder zien.',
    },
  },
  someWait: {
    owner: 'nobody',
    help: 'not-now',
    en: {
      meaning: 'Their server cannot take the message now and gave no clear reason.',
      next: 'Send it again later.',
      wait: 'We try again by ourselves.',
    },
    nl: {
      meaning: 'Hun server kan het bericht nu niet aannemen en gaf geen duidelijke reden.',
      next: 'Stuur het later opnieuw.',
      wait: 'Wij proberen het vanzelf opnieuw.',
    },
  },
  strangeAnswer: {
    owner: 'admin',
    help: 'misunderstood',
    en: { meaning: 'Their server gave an answer that makes no sense.', next: 'Report it to our administrator.' },
    nl: { meaning: 'Hun server gaf een antwoord dat nergens op slaat.', next: 'Meld het onze beheerder.' },
  },
} as const satisfies Readonly<Record<string, Saying>>;

export type SayingName = keyof typeof SAYINGS;
