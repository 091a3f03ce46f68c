/**
 * The wall around every test (R-1, house rule 11): in a guarded process a
 * connection to anything but loopback, and any question to the system's
 * resolver, throws and is remembered. Our own DNS client speaks UDP and TCP to
 * servers it is given, so it is held by the same wall.
 */
import { Socket as UdpSocket } from 'node:dgram';
import dns, { promises as dnsPromises } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import { parseIp } from '../../src/codec/net/ip.ts';
import { isLoopback } from '../../src/codec/net/ip-scope.ts';

/** What tried to leave the machine, oldest first. */
export const escapes: string[] = [];

let isGuarded = false;

function refuse(what: string): never {
  escapes.push(what);
  throw new Error(`a test tried to leave loopback: ${what}`);
}

const isHere = (host: string): boolean => host === 'localhost' || (parseIp(host).ok && isLoopback(host));

/** Where `net.Socket.connect(...)` would go; undefined for a path or a descriptor. Node passes on its own normalised arguments as an array. */
export function destinationOf(args: readonly unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as readonly unknown[]) : args;
  if (typeof first === 'object' && first !== null) {
    const { host, path } = first as { host?: unknown; path?: unknown };
    if (typeof path === 'string') return undefined;
    return typeof host === 'string' ? host : 'localhost';
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return undefined;
  return typeof second === 'string' ? second : 'localhost';
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Puts `check` in front of a method. */
function before(owner: object, name: string, check: (args: readonly unknown[]) => void): void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') return;
  const guarded: Method = function guarded(...args) {
    check(args);
    return Reflect.apply(original, this, args) as unknown;
  };
  Reflect.set(owner, name, guarded);
}

function checkHost(what: string, host: string | undefined): void {
  if (host !== undefined && !isHere(host)) refuse(`${what} ${host}`);
}

/** `send(msg[, offset, length][, port][, address][, callback])`: the address is the last text after the message. */
function checkDatagram(args: readonly unknown[]): void {
  const address = args.slice(1).findLast((arg) => typeof arg === 'string');
  checkHost('UDP to', typeof address === 'string' ? address : undefined);
}

const LOOK_UPS = ['lookup', 'lookupService', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveMx', 'resolveTxt', 'reverse'];

function guardLookUps(owner: object, what: string): void {
  for (const name of LOOK_UPS)
    before(owner, name, ([host]) => {
      if (!isHere(String(host))) refuse(`${what}.${name} ${String(host)}`);
    });
}

/** For the rest of this process; calling it again changes nothing. */
export function guardNetwork(): void {
  if (isGuarded) return;
  isGuarded = true;
  before(Socket.prototype, 'connect', (args) => checkHost('TCP to', destinationOf(args)));
  before(UdpSocket.prototype, 'send', checkDatagram);
  before(UdpSocket.prototype, 'connect', ([, address]) => checkHost('UDP to', typeof address === 'string' ? address : undefined));
  guardLookUps(dns, 'dns');
  guardLookUps(dnsPromises, 'dns.promises');
  guardLookUps(dns.Resolver.prototype, 'dns.Resolver');
  guardLookUps(dnsPromises.Resolver.prototype, 'dns.promises.Resolver');
  // Programs that imported the functions by name get the guarded ones too.
  syncBuiltinESMExports();
}
