/** Uploads and downloads (RFC 8620 §6.1, §6.2). */
import { blobIdText } from '../../../codec/jmap/blob-id.ts';
import { idOf, numberOf } from '../../../codec/jmap/ids.ts';
import type { AccountId } from '../../../core/ids.ts';
import { isRefusal, type Refusal } from '../../../core/refusal.ts';
import { UnderWay } from '../../../lib/under-way.ts';
import type { MailAccount } from '../../../service/mailboxes/mailboxes.ts';
import { plainProblem, problemResponse, refusalProblem } from '../problem.ts';
import type { Ask } from './api.ts';
import { openBlob } from './blobs.ts';
import type { JmapHost } from './host.ts';
import { LIMITS } from './limits.ts';

/** `type/subtype` with parameters, of characters a header may hold (RFC 9110 §8.3). */
const MEDIA_TYPE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}\/[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}(?:[ \t]*;[ -~]{0,500})?$/;
const OCTETS = 'application/octet-stream';

const nothing = (): Response => problemResponse(plainProblem(404, 'There is no such thing'));

export class Transfer {
  readonly #host: JmapHost;
  /** Uploads under way by account (maxConcurrentUpload). */
  readonly #underWay = new UnderWay<AccountId>();

  constructor(host: JmapHost) {
    this.#host = host;
  }

  /** SECURITY: an account that is not the caller's is one that does not exist. */
  #own({ signedIn, params }: Ask): AccountId | undefined {
    const { account } = signedIn.person;
    return numberOf('account', params['accountId'] ?? '') === account ? account : undefined;
  }

  async upload(ask: Ask): Promise<Response> {
    const account = this.#own(ask);
    if (account === undefined) return nothing();
    if (this.#underWay.of(account) >= LIMITS.maxConcurrentUpload) return tooMany('maxConcurrentUpload');
    return this.#underWay.during(account, async () => {
      const mail = await this.#host.mailboxes.open(account);
      try {
        return await this.#take(ask, account, mail);
      } finally {
        mail.close();
      }
    });
  }

  async #take({ request }: Ask, account: AccountId, mail: MailAccount): Promise<Response> {
    const type = mediaType(request.headers.get('content-type')) ?? OCTETS;
    const limit = Math.min(LIMITS.maxSizeUpload, this.#host.messageLimit);
    if (Number(request.headers.get('content-length') ?? 0) > limit) return tooMany('maxSizeUpload', 413);
    const staging = mail.stage({ flags: 0, keywords: [], receivedAt: null, size: 0 });
    if (isRefusal(staging)) return refused(staging);
    try {
      let size = 0;
      if (request.body !== null)
        for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
          size += chunk.length;
          if (size > limit) {
            await staging.abort();
            return tooMany('maxSizeUpload', 413);
          }
          await staging.write(chunk);
        }
    } catch (error) {
      // The other side went away in the middle, or the store could not go on.
      await staging.abort();
      throw error;
    }
    const staged = await staging.finish();
    const kept = isRefusal(staged) ? staged : await mail.keepUpload(staged, type);
    if (isRefusal(kept)) return refused(kept);
    const answer = {
      accountId: idOf('account', account),
      blobId: blobIdText({ of: 'upload', number: kept.upload }),
      type,
      size: kept.size,
    };
    return new Response(JSON.stringify(answer), {
      status: 201,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    });
  }

  async download(ask: Ask): Promise<Response> {
    const account = this.#own(ask);
    if (account === undefined) return nothing();
    const mail = await this.#host.mailboxes.open(account);
    try {
      const blob = await openBlob(mail, ask.params['blobId'] ?? '');
      if (blob === undefined) {
        mail.close();
        return nothing();
      }
      const type = mediaType(ask.url.searchParams.get('type')) ?? blob.type ?? OCTETS;
      const headers = {
        ...PROTECTION,
        'content-type': type,
        'content-disposition': `attachment; filename*=UTF-8''${encoded(ask.params['name'] ?? 'download')}`,
        ...(blob.size === undefined ? {} : { 'content-length': String(blob.size) }),
      };
      return new Response(
        streamOf(blob.pieces(), () => mail.close()),
        { headers },
      );
    } catch (error) {
      mail.close();
      throw error;
    }
  }
}

/**
 * SECURITY: what strangers sent is shown under our name: it must not run, open anything, or be guessed at.
 * Blobs never change (RFC 8620 §6.2), so whoever asked may keep one; nobody between us may.
 */
const PROTECTION = {
  'cache-control': 'private, immutable, max-age=31536000',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
} as const;

const mediaType = (text: string | null): string | undefined => (text !== null && MEDIA_TYPE.test(text) ? text : undefined);

/** RFC 8187 §3.2.1. */
const encoded = (name: string): string =>
  encodeURIComponent(name.toWellFormed().slice(0, 255)).replace(/['()*!]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

function tooMany(limit: string, status = 429): Response {
  const problem = { type: 'urn:ietf:params:jmap:error:limit', status, limit, detail: `the request passes the limit ${limit}` };
  return new Response(JSON.stringify(problem), { status, headers: { 'content-type': 'application/problem+json' } });
}

const refused = (refusal: Refusal): Response => problemResponse(refusalProblem(refusal));

/** Read as fast as the other side takes it; `done` once, whoever ends it. */
function streamOf(pieces: AsyncGenerator<Buffer>, done: () => void): ReadableStream<Uint8Array> {
  let isDone = false;
  const end = (): void => {
    if (isDone) return;
    isDone = true;
    done();
  };
  return new ReadableStream(
    {
      pull: async (controller) => {
        try {
          for (;;) {
            const next = await pieces.next();
            if (next.done === true) {
              end();
              return controller.close();
            }
            // An empty piece would be taken for no answer to the pull.
            if (next.value.length > 0) return controller.enqueue(next.value);
          }
        } catch (error) {
          end();
          throw error;
        }
      },
      cancel: async () => {
        end();
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
