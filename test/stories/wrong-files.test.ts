/** Certificates and keys that will not do, told by the real program: by `config check` and by `serve` in the same words, and by a running server that is to read them again. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { seededDice } from '../../src/adapter/memory/dice.ts';
import type { CertificatePair } from '../../src/adapter/tls/profile.ts';
import { selfMadeAuthority } from '../../src/adapter/tls/self-made.ts';
import { guardNetwork } from '../world/network.ts';
import { Server } from '../world/server.ts';
import { until } from '../world/until.ts';

const DAY_MS = 86_400_000;
const CONFIG = `host_name = "mail.delinde.test"
[[listen]]
protocol = "imaps"
host = "127.0.0.1"
port = 0
[tls]
certificate_file = "cert.pem"
key_file = "key.pem"
`;

guardNetwork();
const dice = seededDice('wrong files');
let server: Server;
const issue = async (now: number): Promise<CertificatePair> => {
  const serial = (): string => `01${Buffer.from(dice.bytes(8)).toString('hex')}`;
  return (await selfMadeAuthority({ name: 'test', now, serial })).issue(['mail.delinde.test']);
};
const put = ({ certificate, key }: CertificatePair): void => {
  server.file('cert.pem', certificate);
  server.file('key.pem', key);
};

before(() => {
  server = new Server(CONFIG);
});
after(() => server.remove());

/** The certificate shown at the door. */
async function shown(): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: server.port('imaps'), rejectUnauthorized: false });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const raw = socket.getPeerX509Certificate()?.fingerprint256 ?? '';
  socket.destroy();
  return raw;
}

/** Both give the same sentence, with file and line. */
async function refused(sentence: RegExp): Promise<void> {
  const checked = await server.cli('config', 'check');
  assert.equal(checked.code, 1, checked.err);
  const told = checked.err.replace(/^eigenpost: /, '').trimEnd();
  assert.match(told, sentence);
  await assert.rejects(server.start(), (error: Error) => {
    for (const line of told.split('\n')) assert.ok(error.message.includes(`eigenpost: ${line}\n`), `${error.message}\nwants\n${line}`);
    return true;
  });
}

test('a server does not start on files that will not do, and says why as `config check` does', async () => {
  await refused(/eigenpost\.toml:9: .*cert\.pem cannot be read \(ENOENT\)\. .*\n.*eigenpost\.toml:10: .*key\.pem cannot be read/);
  const [one, other] = await Promise.all([issue(Date.now()), issue(Date.now())]);
  put({ certificate: one.certificate, key: other.key });
  await refused(/eigenpost\.toml:10: The key .*key\.pem does not belong to the certificate/);
  put(one);
  server.file('root.key', 'not a key');
  await refused(/eigenpost\.toml:2: The root key .*root\.key should have 32 bytes and has 9/);
});

test('an expired certificate is warned of at the start, and shown', async () => {
  await server.remove();
  server = new Server(CONFIG);
  const expired = await issue(Date.now() - 200 * DAY_MS);
  put(expired);
  const checked = await server.cli('config', 'check');
  assert.equal(checked.code, 0);
  assert.match(checked.err, /^eigenpost: warning: .*eigenpost\.toml:9: The certificate .*cert\.pem expired on /);
  await server.start();
  assert.match(server.log, /"level":"warn".*eigenpost\.toml:9: The certificate .* expired on /);
  assert.equal(await shown(), new X509Certificate(expired.certificate).fingerprint256);
});

test('a running server keeps the old certificate while the new one will not do, and takes it when it will', async () => {
  const old = await shown();
  const renewed = await issue(Date.now());
  server.file('cert.pem', renewed.certificate);
  server.hangUp();
  await until('the server to complain', () => /not reloaded/.test(server.log));
  assert.match(server.log, /The key \S*key\.pem does not belong to the certificate \S*cert\.pem\. Name the key/);
  assert.equal(await shown(), old);
  put(renewed);
  server.hangUp();
  await until('the new certificate', async () => (await shown()) === new X509Certificate(renewed.certificate).fingerprint256);
});
