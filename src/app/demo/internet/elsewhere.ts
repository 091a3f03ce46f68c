/**
 * The people of `elsewhere.test`: readable addresses, each with one habit, so
 * that a newcomer can see every kind of journey. A local part that is a code
 * (`550-5.7.26@`) is answered with that code.
 */
import type { SecureContext } from 'node:tls';
import { headerValue } from '../../../codec/mime/headers.ts';
import type { Character, Peer, PeerMail, PeerTalk } from './peer.ts';
import { startPeer } from './peer.ts';

export const ELSEWHERE = 'elsewhere.test';
const HOST_NAME = 'mx.elsewhere.test';

/** Said at RCPT. Their own words: the journey shows them and explains. */
const REFUSALS: Readonly<Record<string, string>> = {
  full: '552 5.2.2 The mailbox of this person is full',
  gone: '550 5.1.1 No such user here',
  strict: `550-5.7.26 Your mail has been blocked because the sender is unauthenticated.\r\n550-5.7.26 We require either SPF or DKIM to pass.\r\n550 5.7.26 See our help pages for what to do`,
  blocked: '554 5.7.1 Service unavailable; client host blocked using zen.blocklist.test',
};

/** How long `slow@` keeps a newcomer waiting. */
const GREYLIST_MS = 5_000;
/** How long a caller who asked for `notls@` has to come back. */
const NO_TLS_MS = 120_000;

const CODE = /^([45]\d\d)-([245])\.(\d{1,3})\.(\d{1,3})$/;

/** Sends an answer back to where a message came from. */
export type SendBack = (answer: Readonly<{ from: string; to: string; content: string }>) => void;

export class Elsewhere implements Character {
  readonly hostName = HOST_NAME;
  readonly #sendBack: SendBack;
  /** First seen at (ms), by sender and caller. */
  readonly #greylist = new Map<string, number>();
  readonly #withoutTls = new Map<string, number>();

  constructor(sendBack: SendBack) {
    this.#sendBack = sendBack;
  }

  /** None on the one connection after somebody asked for `notls@`. */
  offersTls(ip: string): boolean {
    const since = this.#withoutTls.get(ip) ?? 0;
    this.#withoutTls.delete(ip);
    return Date.now() - since > NO_TLS_MS;
  }

  onRecipient(address: string, talk: PeerTalk): string | undefined {
    const local = address.slice(0, address.lastIndexOf('@')).toLowerCase();
    if (address.slice(address.lastIndexOf('@') + 1).toLowerCase() !== ELSEWHERE) return '550 5.7.1 We do not relay';
    const code = CODE.exec(local);
    if (code !== null) return `${code[1]} ${code[2]}.${code[3]}.${code[4]} As you asked for`;
    if (local === 'slow') return this.#slow(talk);
    if (local === 'notls') return this.#notls(talk);
    return Object.hasOwn(REFUSALS, local) ? REFUSALS[local] : undefined;
  }

  #slow(talk: PeerTalk): string | undefined {
    const who = `${talk.ip} ${talk.from}`;
    const since = this.#greylist.get(who);
    if (since === undefined) this.#greylist.set(who, Date.now());
    return since !== undefined && Date.now() - since >= GREYLIST_MS ? undefined : '451 4.7.1 Greylisted, please come back in a few minutes';
  }

  /** An old server that cannot keep TLS up: it sends the caller away and offers none the next time. */
  #notls(talk: PeerTalk): string | undefined {
    if (!talk.isTls) return undefined;
    this.#withoutTls.set(talk.ip, Date.now());
    return '421 4.7.0 TLS is broken here, come back without it';
  }

  onMail(mail: PeerMail): undefined {
    // RFC 3834 §2: nothing automatic is answered automatically.
    if (mail.from === '' || !/^no$/i.test(headerValue(mail.content, 'Auto-Submitted') ?? 'no')) return undefined;
    for (const to of mail.to) this.#answer(to.toLowerCase(), mail);
    return undefined;
  }

  #answer(to: string, mail: PeerMail): void {
    const subject = headerValue(mail.content, 'Subject') ?? '';
    const id = headerValue(mail.content, 'Message-ID');
    const common = [
      `From: <${to}>`,
      `To: <${mail.from}>`,
      `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: <${Date.now()}.${Math.random().toString(36).slice(2)}@${ELSEWHERE}>`,
      ...(id === null ? [] : [`In-Reply-To: ${id}`, `References: ${id}`]),
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
    ];
    if (to === `echo@${ELSEWHERE}`) {
      const body = mail.content.subarray(mail.content.indexOf('\r\n\r\n') + 4).toString('latin1');
      this.#sendBack({
        from: to,
        to: mail.from,
        content: [...common, `Subject: Echo: ${subject}`, 'Content-Transfer-Encoding: 8bit', '', 'You wrote:', '', body].join('\r\n'),
      });
    }
    if (to === `ooo@${ELSEWHERE}`) {
      this.#sendBack({
        from: '',
        to: mail.from,
        content: [
          ...common,
          `Subject: Out of office: ${subject}`,
          'Auto-Submitted: auto-replied',
          '',
          'I am away until Monday. Ik ben er maandag weer.',
          '',
        ].join('\r\n'),
      });
    }
  }
}

export const startElsewhere = (sendBack: SendBack, place: Readonly<{ port?: number; context: SecureContext }>): Promise<Peer> =>
  startPeer(new Elsewhere(sendBack), place);
