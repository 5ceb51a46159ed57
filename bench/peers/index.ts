import type { Peer } from '../types.js';
import { limitPeers } from './limit-peers.js';
import { naivePeers } from './naive-peers.js';

/** Every rival that a phase can be compared with. */
export const peers: readonly Peer[] = [...naivePeers, ...limitPeers];
