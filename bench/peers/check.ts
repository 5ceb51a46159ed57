/** How runs that write no offers are compared with those that do. */
import { hashText } from '../../src/resources/index.js';

/** Who was granted what. */
export interface CheckedGrant {
  readonly agent: string;
  readonly framework: string;
  readonly role: string;
  /** Thousandths of all scalars together. */
  readonly milli: number;
}

/** Stands for a framework in a role. */
export function clientHash(role: string, framework: string): number {
  return hashText(`${role} ${framework}`) | 0;
}

/** Stands for an agent. */
export function agentHash(agent: string): number {
  return hashText(agent) | 0;
}

/** The checksum with one more grant. */
export function checkIn(checksum: number, agent: number, client: number, milli: number): number {
  return (Math.imul(checksum, 0x01000193) ^ agent ^ Math.imul(client, 0x5bd1e995) ^ (milli | 0)) | 0;
}

/** The checksum of grants in their order. */
export function checksumOf(grants: readonly CheckedGrant[]): number {
  return grants.reduce(
    (checksum, { agent, framework, role, milli }) =>
      checkIn(checksum, agentHash(agent), clientHash(role, framework), milli),
    0,
  );
}
