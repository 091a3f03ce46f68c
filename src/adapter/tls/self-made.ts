/** Certificates without an authority: for the demo, and until a real one is there. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { CertificatePair } from './profile.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const LIFE_DAYS = 90;
/** Clocks differ. */
const BACK_DAYS = 1;

type Authority = Readonly<{ /** PEM. */ certificate: string; issue(names: readonly string[]): Promise<CertificatePair> }>;

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

async function keyPem(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`;
}

/** A throw-away authority whose key never leaves memory. `now` in ms; `serial` gives hex digits. */
export async function selfMadeAuthority(about: Readonly<{ name: string; now: number; serial(): string }>): Promise<Authority> {
  cryptoProvider.set(webcrypto as Crypto);
  const keys = await newKeys();
  const times = { notBefore: new Date(about.now - BACK_DAYS * DAY_MS), notAfter: new Date(about.now + LIFE_DAYS * DAY_MS) };
  const authority = await X509CertificateGenerator.createSelfSigned({
    serialNumber: about.serial(),
    name: `CN=${about.name}`,
    ...times,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    certificate: `${authority.toString('pem')}\n`,
    async issue(names) {
      const own = await newKeys();
      const leaf = await X509CertificateGenerator.create({
        serialNumber: about.serial(),
        subject: `CN=${names[0] ?? about.name}`,
        issuer: authority.subject,
        ...times,
        signingAlgorithm: ALGORITHM,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new BasicConstraintsExtension(false),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          new SubjectAlternativeNameExtension(names.map((name) => ({ type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name }))),
        ],
      });
      return { certificate: `${leaf.toString('pem')}\n${authority.toString('pem')}\n`, key: await keyPem(own.privateKey) };
    },
  };
}
