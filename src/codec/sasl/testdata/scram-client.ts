/** For tests, here and at the edges: the client's side of SCRAM-SHA-256 (RFC 5802 §3). */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();

export type ScramClientOptions = Readonly<{ login: string; password: string; nonce?: string; flag?: string; binding?: Uint8Array; actAs?: string }>;

export class ScramClient {
  readonly #options: ScramClientOptions;
  readonly #gs2Header: string;
  readonly #bare: string;
  #serverSignature = '';

  constructor(options: ScramClientOptions) {
    this.#options = options;
    const coded = (name: string): string => name.replaceAll('=', '=3D').replaceAll(',', '=2C');
    this.#gs2Header = `${options.flag ?? 'n'},${options.actAs === undefined ? '' : `a=${coded(options.actAs)}`},`;
    this.#bare = `n=${coded(options.login)},r=${options.nonce ?? 'client-nonce'}`;
  }

  first(): string {
    return this.#gs2Header + this.#bare;
  }

  final(serverFirst: string): string {
    const [nonce = '', salt = '', iterations = ''] = serverFirst.split(',').map((part) => part.slice(2));
    const salted = pbkdf2Sync(this.#options.password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
    const clientKey = hmac(salted, 'Client Key');
    const bound = Buffer.concat([Buffer.from(this.#gs2Header), this.#options.binding ?? Buffer.alloc(0)]);
    const withoutProof = `c=${bound.toString('base64')},r=${nonce}`;
    const authMessage = `${this.#bare},${serverFirst},${withoutProof}`;
    const signature = hmac(createHash('sha256').update(clientKey).digest(), authMessage);
    const proof = clientKey.map((byte, at) => byte ^ (signature[at] ?? 0));
    this.#serverSignature = `v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}`;
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`;
  }

  trusts(serverFinal: string): boolean {
    return serverFinal === this.#serverSignature;
  }
}
