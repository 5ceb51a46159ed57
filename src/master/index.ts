/**
 * The shell around the machine: `createMaster`, the ports it speaks through, its clock, and the record that can be played
 * again.
 */
export { createMaster, type Master, type MasterOptions, type SubscribeOptions } from './master.js';
export type { AgentPort, FrameworkPort, Transport } from './ports.js';
export type { Clock } from './clock.js';
export { systemClock, type SystemClockOptions } from './system-clock.js';
export { MasterError, type MasterErrorCode } from './errors.js';
export type { AgentEvent, FrameworkEvent, MasterEvents, OfferEvent, TaskEvent, TransitionEvent } from './events.js';
export type { CallLike, ControlLike, ReportLike } from './inputs.js';
export type { Logger } from './logger.js';
export { replay, replaySteps, type ReplayOptions, type ReplayStep } from './replay.js';
