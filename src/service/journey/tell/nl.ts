/** De Nederlandse woorden van een bezorgverloop, met "je". The Dutch words of a journey. */
import { reasonWords } from '../reason-words.table.ts';
import { refusalWords } from '../refusal-words.table.ts';
import {
  daysOf,
  domainOf,
  isOwnJunk,
  isReader,
  type Lock,
  last,
  lastMeaningOf,
  lockOf,
  meaningOf,
  orgOf,
  type Part,
  relayOf,
  type Scene,
  type StepOf,
  spamReasons,
  UNDO_SECONDS,
  type Words,
  waitOf,
} from './scene.ts';
import { tallyOf } from './tally.ts';

const LOCKS: Readonly<Record<Lock, string>> = {
  verified: 'versleuteld en zeker de juiste server',
  plain: 'versleuteld, server niet bewezen',
  none: 'niet versleuteld',
};

const RESULTS: Readonly<Record<string, string>> = {
  pass: 'in orde',
  fail: 'niet in orde',
  softfail: 'niet in orde, zegt een voorzichtige regel',
  neutral: 'zegt niets',
  none: 'is er niet',
  policy: 'geweigerd door een regel',
  temperror: 'kon nu niet worden nagekeken',
  permerror: 'is verkeerd ingesteld',
};

/** Reasons given for one look at a message. */
const REASONS_LIMIT = 5;

const PROOFS: Readonly<Record<string, string>> = { pass: 'Afzender bewezen', fail: 'Afzender vervalst', none: 'Afzender niet bewezen' };

const HELD: Readonly<Record<StepOf<'held'>['why'], string>> = {
  quarantine: 'Apart gezet – lijkt onveilig',
  greylist: 'We vroegen de afzender over een paar minuten terug te komen',
  admin: 'Wacht op goedkeuring van',
  frozen: 'Versturen gepauzeerd om je account te beschermen',
  budget: 'Versturen gepauzeerd om je account te beschermen',
};

const by = (name: string, scene: Scene): string => (isReader(name, scene) ? 'jou' : name);
const doneBy = (word: string, name: string, scene: Scene): string => (isReader(name, scene) ? `Door jou ${word}` : `Door ${name} ${word}`);
const from = (address: string): string => (address === '' ? 'een server zonder afzender' : address);
const fromFirst = (address: string): string => (address === '' ? 'Een server zonder afzender' : address);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const secure = (tls: StepOf<'tried'>['tls'], relay?: string): string | undefined =>
  tls === undefined ? undefined : capital(LOCKS[lockOf(tls, relay !== undefined)]);
const nextTry = (at: number, until: number, { moments }: Scene): string =>
  `volgende poging om ${moments.moment(at)}, we proberen het tot ${moments.until(until, at)}`;
const passedOn = (to: readonly string[]): string =>
  to.length === 0 ? 'Doorgestuurd (alias, groep of doorsturen)' : `Doorgestuurd naar ${to.join(', ')} (alias, groep of doorsturen)`;
const approver = (name: string | undefined): string => name ?? 'je beheerder';
const because = (reasons: readonly string[]): string => [...new Set(reasons.map((rule) => reasonWords(rule).nl))].join('; omdat ');
const sorted = (step: StepOf<'ruled'>): string => `Door je regel "${step.rule}" naar ${step.folder} verplaatst`;
const days = (ms: number): string => (daysOf(ms) === 1 ? 'één dag' : `${daysOf(ms)} dagen`);

const said = (text: string, detail: string | undefined): { text: string; detail?: string } =>
  detail === undefined || detail === '' ? { text } : { text, detail };

function arrival(step: StepOf<'received'>, { seat }: Scene): string {
  switch (step.origin) {
    case 'submission':
    case 'jmap':
      if (seat === 'sender') return 'Je drukte op verzenden';
      return seat === 'recipient' ? `${fromFirst(step.from)} stuurde je dit` : `${fromFirst(step.from)} drukte op verzenden`;
    case 'mx':
      return 'Bij ons aangeklopt';
    case 'redirect':
      return 'Doorgestuurd door een regel of doorsturen';
    case 'bounce':
      return 'Wij maakten een bezorgbericht';
    case 'vacation':
      return 'Wij maakten een automatisch antwoord';
    case 'report':
      return 'Wij maakten een bericht voor de beheerder';
    case 'import':
      return 'Meegenomen uit een andere mailbox';
  }
}

function arrivalDetail(step: StepOf<'received'>): string | undefined {
  if (step.origin !== 'mx') return undefined;
  const through = step.peer === undefined ? '' : `, via ${step.peer.host ?? step.peer.helo ?? step.peer.ip} (${step.peer.ip})`;
  const lock = step.tls === undefined ? '' : `; ${LOCKS[lockOf(step.tls)]}`;
  return `Van ${from(step.from)}${through}${lock}`;
}

function queuedText(step: StepOf<'queued'>, { moments }: Scene): string {
  const wait = waitOf(step);
  if (wait > UNDO_SECONDS) return `Wordt verstuurd op ${moments.day(step.nextAt)} om ${moments.moment(step.nextAt).slice(0, 5)}`;
  return wait > 0 ? `Wordt over ${wait} s verstuurd – ongedaan maken kan nog` : 'Klaar om te vertrekken';
}

function filedText(step: StepOf<'filed'>, scene: Scene): string {
  if (step.role === 'junk') return 'In Spam';
  const name = step.recipient ?? '';
  if (scene.seat === 'recipient') return step.role === 'inbox' || step.folder === '' ? 'In je mailbox' : `In je mailbox, in ${step.folder}`;
  return name === '' ? 'In de mailbox' : `In de mailbox van ${name}`;
}

function filedState(part: Part, scene: Scene): string {
  const step = last(part, 'filed');
  if (step?.role === 'junk') {
    const reasons = spamReasons(last(part, 'scored'), 1);
    return reasons.length === 0 ? 'In Spam' : `In Spam, omdat ${because(reasons)}`;
  }
  const rule = last(part, 'ruled');
  if (scene.seat === 'recipient' && rule !== undefined && rule.folder !== '') return sorted(rule);
  return step === undefined ? 'In de mailbox' : filedText({ ...step, recipient: part.line.address }, scene);
}

/** What a server said last, of a message that was tried for days. */
function lastAnswer(step: StepOf<'expired'>, scene: Scene): string | undefined {
  const found = lastMeaningOf(step, scene);
  return found === undefined ? undefined : `Het laatste antwoord: ${found.meaning.nl}`;
}

const ourRelay = (relay: string): string => `onze relay (${relay})`;
const taken = (relay: string | undefined, org: string): string =>
  `${relay === undefined ? `${org} heeft het bericht aangenomen` : `Overgedragen aan de relay ${relay}`}. Wat er daarna gebeurt, weten alleen zij`;

const STATES: Words['states'] = {
  unknown: (_part, scene) =>
    scene.seat !== 'sender' && scene.journey.direction === 'in' ? 'Bij ons aangeklopt' : 'Nog geen antwoord; we weten het niet',
  queued: (part, scene) => {
    const step = last(part, 'queued');
    return step === undefined || last(part, 'deferred') !== undefined ? 'Klaar om te vertrekken' : queuedText(step, scene);
  },
  sending: (part, scene) => {
    const relay = relayOf(part, scene);
    return `In gesprek met ${relay === undefined ? `de mailserver van ${domainOf(part.line.address)}` : ourRelay(relay)}`;
  },
  deferred: ({ line }, scene) =>
    line.nextAt === null || line.giveUpAt === null
      ? 'We vroegen de afzender over een paar minuten terug te komen'
      : `Nog niet gelukt – ${nextTry(line.nextAt, line.giveUpAt, scene)}`,
  acceptedByRemote: (part, scene) => taken(relayOf(part, scene), domainOf(part.line.address)),
  deliveredHere: (part, scene) => {
    if (isOwnJunk(part, scene)) return filedState(part, scene);
    return scene.seat === 'recipient' ? 'In je mailbox' : `In de mailbox van ${part.line.address}`;
  },
  filed: (part, scene) => filedState(part, scene),
  refused: (part, scene) =>
    scene.seat === 'sender'
      ? `Niet verstuurd – geweigerd omdat ${refusalWords(last(part, 'refused')?.refusal ?? '').nl}`
      : 'Aan de deur geweigerd; de afzender kreeg de reden',
  bounced: (part, scene) => {
    if (last(part, 'sent') !== undefined) return 'Eerst aangenomen, later toch teruggestuurd';
    const step = last(part, 'bounced');
    if (step === undefined || step.reply === null) return 'Niet bezorgd';
    const relay = scene.relays.get(step);
    return `Niet bezorgd – ${relay === undefined ? domainOf(part.line.address) : ourRelay(relay)} weigerde het`;
  },
  expired: (part) => `Niet bezorgd – na ${days(last(part, 'expired')?.afterMs ?? 0)} nog niet gelukt`,
  quarantined: () => 'Apart gezet – lijkt onveilig',
  forwarded: (part) => passedOn([last(part, 'redirected')?.to ?? ''].filter((to) => to !== '')),
  expanded: (part) => passedOn(last(part, 'expanded')?.to ?? []),
  cancelled: (part, scene) => doneBy('geannuleerd', last(part, 'cancelled')?.by ?? '', scene),
  held: (part) => {
    const step = last(part, 'held');
    return step?.why === 'admin' ? `Wacht op goedkeuring van ${approver(step.by)}` : 'Versturen gepauzeerd om je account te beschermen';
  },
};

const STEPS: Words['steps'] = {
  received: (step, scene) => said(arrival(step, scene), arrivalDetail(step)),
  checked: (step) => {
    const name = step.check.toLowerCase();
    if (name === 'dmarc') return said(PROOFS[step.result] ?? 'Afzender niet bewezen', undefined);
    return said(`We keken ${name.length <= 5 ? name.toUpperCase() : step.check} na: ${RESULTS[step.result] ?? step.result}`, undefined);
  },
  scored: (step) => {
    const reasons = spamReasons(step, REASONS_LIMIT);
    const text = step.score >= step.limit ? 'Lijkt op spam volgens ons filter' : 'Ons filter zocht naar spam en vond daar te weinig van';
    return said(text, reasons.length === 0 ? undefined : `Omdat ${because(reasons)}`);
  },
  held: (step) => said(step.why === 'admin' ? `${HELD.admin} ${approver(step.by)}` : HELD[step.why], undefined),
  refused: (step, scene) => {
    const name = scene.seat === 'sender' ? 'Je' : fromFirst(step.from);
    const peer = step.peer === undefined || scene.seat === 'sender' ? undefined : `Van ${step.peer.host ?? step.peer.ip} (${step.peer.ip})`;
    return said(`${name} probeerde het om ${scene.moments.moment(step.at)}; geweigerd omdat ${refusalWords(step.refusal).nl}`, peer);
  },
  expanded: (step) => said(passedOn(step.to), step.to.length === 0 ? undefined : `${step.from} staat voor deze adressen`),
  ruled: (step) => said(step.folder === '' ? 'Verplaatst door een regel van de ontvanger' : sorted(step), undefined),
  filed: (step, scene) => said(filedText(step, scene), undefined),
  accepted: (step) =>
    said(
      step.copies === 1 ? 'Wij namen het bericht aan' : `Wij namen het bericht aan voor ${step.copies} mensen`,
      'Vanaf nu zorgen wij ervoor',
    ),
  signed: (step) => said(`Ondertekend als ${step.domain}`, undefined),
  queued: (step, scene) => said(queuedText(step, scene), undefined),
  tried: (step, scene) => {
    const reached = step.peer !== undefined || step.dialogue.length > 0;
    const relay = scene.relays.get(step);
    const whom = relay === undefined ? `de mailserver van ${orgOf(step)}` : 'onze relay';
    const text = reached ? `Gesproken met ${whom} (${step.host})` : `Geprobeerd ${whom} te bereiken (${step.host})`;
    return said(text, reached ? secure(step.tls, relay) : undefined);
  },
  deferred: (step, scene) => {
    const found = meaningOf(step, scene);
    const next = capital(nextTry(step.nextAt, step.giveUpAt, scene));
    if (found?.saying === 'comeBack') return said('Ze vroegen om later terug te komen (gewoon bij een eerste contact)', next);
    return said(found?.meaning.nl ?? 'Het lukte deze keer niet.', next);
  },
  sent: (step, scene) => said(taken(scene.relays.get(step), orgOf(step)), secure(step.tls, scene.relays.get(step))),
  bounced: (step, scene) => {
    const relay = scene.relays.get(step);
    const who = relay === undefined ? orgOf(step) : ourRelay(relay);
    return said(step.reply === null ? 'Niet bezorgd' : `Niet bezorgd – ${who} weigerde het`, meaningOf(step, scene)?.meaning.nl);
  },
  expired: (step, scene) => said(`Niet bezorgd – na ${days(step.afterMs)} nog niet gelukt`, lastAnswer(step, scene)),
  notified: (step, scene) => {
    const to = isReader(step.to, scene) ? 'je' : step.to;
    const about = { failure: 'dat het niet bezorgd is', delay: 'dat het langer duurt', success: 'hoe het ging' }[step.report];
    return said(`We lieten ${to} weten ${about}`, undefined);
  },
  redirected: (step) => said(passedOn([step.to]), undefined),
  answered: (step) =>
    said(step.with === 'vacation' ? 'Wij stuurden het automatische antwoord' : 'Er is een ontvangstbevestiging verstuurd', undefined),
  released: (step, scene) => said(`Vrijgegeven door ${by(step.by, scene)}`, undefined),
  paused: (step, scene) => said(doneBy('vastgehouden', step.by, scene), undefined),
  hurried: (step, scene) => said(`Meteen opnieuw geprobeerd, gevraagd door ${by(step.by, scene)}`, undefined),
  cancelled: (step, scene) => said(doneBy('geannuleerd', step.by, scene), undefined),
  tallied: (step, { moments }) => {
    const { count, people, more, reasons, causes, others } = tallyOf(step, 'nl');
    const whom = people === 0 ? '' : ` van post aan ${more ? 'meer dan ' : ''}${people} ${people === 1 && !more ? 'persoon' : 'mensen'}`;
    const where = step.of === 'server' ? ' op deze server' : '';
    const origins = [...causes, ...(others === undefined ? [] : [`anderen (${others})`])].join(', ');
    return said(
      `Nog ${count} ${count === '1' ? 'weigering' : 'weigeringen'}${whom}${where} tussen ${moments.moment(step.from)} en ${moments.moment(step.until)}, niet één voor één verteld`,
      `Omdat ${reasons.join('; ')}. Van ${origins}`,
    );
  },
  began: (step) => {
    const why = {
      bounce: 'een bericht dat terugkwam',
      redirect: 'een bericht dat werd doorgestuurd',
      vacation: 'een bericht dat een automatisch antwoord kreeg',
      delay: 'een bericht dat langer onderweg is',
      success: 'een bericht dat om een bezorgbericht vroeg',
    };
    return said(`Dit begon met ${why[step.because]}`, undefined);
  },
};

export const NL: Words = {
  steps: STEPS,
  states: STATES,
  phrases: {
    partly: (some, all) => `${some} van de ${all} mensen hebben het`,
    handedOverFor: (some, all) => `Overgedragen voor ${some} van de ${all} mensen`,
    notDeliveredTo: (some, all) => `Niet bezorgd bij ${some} van de ${all} mensen`,
    nothingToDo: 'Je hoeft niets te doen.',
    askThemToLook: 'Zien zij het niet, vraag dan of ze in Spam willen kijken.',
    releaseOrDelete: 'Bekijk het veilig, en laat het door of verwijder het.',
    askSender: 'Verwachtte je dit bericht, vraag de afzender het opnieuw te proberen, of laat die de volgende keer toe.',
    correctAndSend: 'Verbeter het en stuur het opnieuw.',
    askAdmin: 'Vraag het onze beheerder; de reden staat hieronder.',
    freeRoom: 'Maak ruimte in je mailbox; vraag daarna de afzender het opnieuw te proberen.',
    administrator: 'onze beheerder',
  },
};
