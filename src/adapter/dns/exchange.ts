/** What it means to ask one DNS server one question, and how to do it over TCP, where answers of any size fit (RFC 7766 §5). */
import { connect } from 'node:net';
import { decodeMessage, type DnsMessage, encodeMessage } from '../../codec/dns/message.ts';
import { canonicalName } from '../../codec/dns/name.ts';
import type { Clock } from '../../core/ports/clock.ts';

export type DnsServer = Readonly<{ host: string; port: number }>;
export type Exchanged = Readonly<{ ok: true; answer: DnsMessage; octets: number }> | Readonly<{ ok: false; why: string }>;
export type Patience = Readonly<{ clock: Clock; timeoutMs: number }>;

/** SECURITY: the id and the question must be ours, or it is not our answer (RFC 5452 §9.1). */
export function isAnswerTo(query: DnsMessage, answer: DnsMessage): boolean {
  const [asked] = query.questions;
  const [echoed] = answer.questions;
  if (!answer.isResponse || answer.id !== query.id) return false;
  // A server that could not read the question need not repeat it.
  if (echoed === undefined) return answer.rcode !== 0;
  return asked !== undefined && echoed.type === asked.type && echoed.class === asked.class && echoed.name === canonicalName(asked.name);
}

const ignore = (): void => {};

export function askOverTcp(server: DnsServer, query: DnsMessage, { clock, timeoutMs }: Patience): Promise<Exchanged> {
  return new Promise((resolve) => {
    const socket = connect({ host: server.host, port: server.port, noDelay: true });
    let [received, wanted]: [Buffer, number] = [Buffer.alloc(0), Number.POSITIVE_INFINITY];
    const finish = (result: Exchanged): void => {
      stop();
      socket.removeAllListeners();
      socket.on('error', ignore);
      socket.destroy();
      resolve(result);
    };
    const stop = clock.after(timeoutMs, () => finish({ ok: false, why: 'timeout' }));
    socket.once('connect', () => {
      const message = encodeMessage(query);
      socket.write(Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message]));
    });
    socket.once('error', (trouble) => finish({ ok: false, why: trouble.message }));
    socket.once('close', () => finish({ ok: false, why: 'the server closed the connection' }));
    socket.on('data', (bytes: Buffer) => {
      // The length field bounds this: 65,535 octets and what one read brought more.
      received = Buffer.concat([received, bytes]);
      if (received.length >= 2) wanted = received.readUInt16BE(0);
      if (received.length < wanted + 2) return;
      const read = decodeMessage(received.subarray(2, wanted + 2));
      if (!read.ok) finish({ ok: false, why: `a malformed answer: ${read.why}` });
      else if (!isAnswerTo(query, read.value)) finish({ ok: false, why: 'an answer to another question' });
      else finish({ ok: true, answer: read.value, octets: wanted });
    });
  });
}
