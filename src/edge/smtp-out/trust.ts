/**
 * Whom an outgoing connection believes: the well-known authorities with those
 * of the house, or only the ones a plan names. Contexts are made at the first
 * connection that wants them, for reading the authorities takes a while.
 */
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { TlsPlan } from './tls-policy.ts';

/** Places with authorities of their own: one smarthost, today. */
const OWN_LIMIT = 16;

export class Trust {
  readonly #authorities: readonly string[];
  #usual: SecureContext | undefined;
  /** By PEM. */
  readonly #own = new Map<string, SecureContext>();

  /** @param authorities PEM: believed besides the well-known ones */
  constructor(authorities: readonly string[] = []) {
    this.#authorities = authorities;
  }

  contextFor({ ca }: TlsPlan): SecureContext {
    if (ca === undefined)
      return (this.#usual ??= contextWith(
        this.#authorities.length === 0 ? {} : { ca: [...getCACertificates('default'), ...this.#authorities] },
      ));
    const known = this.#own.get(ca);
    if (known !== undefined) return known;
    // Whoever names an authority in the middle of a chain, or the server's own certificate, means just that one.
    const made = contextWith({ ca, allowPartialTrustChain: true });
    if (this.#own.size >= OWN_LIMIT) this.#own.clear();
    this.#own.set(ca, made);
    return made;
  }
}

const contextWith = (more: Readonly<{ ca?: string | string[]; allowPartialTrustChain?: boolean }>): SecureContext =>
  createSecureContext({ minVersion: 'TLSv1.2', ...more });
