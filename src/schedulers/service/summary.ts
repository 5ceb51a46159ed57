/** What a host is told of apps and their instances. */
import type { TaskState } from '../../tasks/index.js';
import { attemptOf, isUpdating } from './converge.js';
import { taskOfVersion, type AppRow, type LastEnd, type ServiceMachine } from './state.js';

/** One instance, for whoever sends work to it. */
export interface InstanceInfo {
  /** The id of its task. */
  readonly task: string;
  readonly app: string;
  /** Its number: the lowest that no other had when it was launched. */
  readonly instance: number;
  readonly agent: string;
  readonly hostname: string;
  /** The ports that were assigned to it, in the order in which the app names them. */
  readonly ports: readonly number[];
  /** The same by name, for those with one. */
  readonly portsByName: ReadonlyMap<string, number>;
  /** As last heard. */
  readonly state: TaskState;
  /** It is healthy and stays: work may be sent to it. */
  readonly ready: boolean;
  /** What its health check says; absent = nothing yet. */
  readonly healthy?: boolean;
  /** Whether it runs what the app is to run; else it will be replaced. */
  readonly current: boolean;
  /** It was told to end. */
  readonly ending: boolean;
  readonly launchedAt: number;
}

/** One app. */
export interface AppInfo {
  readonly id: string;
  /** How many instances are to run. */
  readonly wanted: number;
  /** How many live, of any version, those that are being ended too. */
  readonly living: number;
  /** How many are ready. */
  readonly ready: number;
  /** Which version is to run, counted from 1; and whether older ones still do. */
  readonly version: number;
  readonly updating: boolean;
  /** It is being removed. */
  readonly removed: boolean;
  /** Nothing is launched before, ms; absent = at once. */
  readonly waitsUntil?: number;
  /** How the last instance ended. */
  readonly lastEnd?: LastEnd;
}

/** The instances of an app, in the order of their numbers. */
export function instancesOf({ desk }: ServiceMachine, app: AppRow): readonly InstanceInfo[] {
  return app.instances
    .map((instance): InstanceInfo => {
      const { id, agent, hostname, ports, state, healthy, ending, launchedAt } = attemptOf(desk, instance);
      const names = taskOfVersion(app, instance.version).ports;
      return {
        task: id,
        app: app.spec.id,
        instance: instance.slot,
        agent,
        hostname,
        ports,
        portsByName: new Map(names.flatMap((name, index) => namedPort(name, index, ports))),
        state,
        ready: instance.healthySince !== null && ending === null,
        ...(healthy !== null && { healthy }),
        current: instance.version === app.version,
        ending: ending !== null,
        launchedAt,
      };
    })
    .sort((one, other) => one.instance - other.instance);
}

function namedPort(name: string, index: number, ports: readonly number[]): [string, number][] {
  const port = ports[index];
  return port === undefined || name === String(index) ? [] : [[name, port]];
}

/** How an app stands. */
export function appInfo(machine: ServiceMachine, app: AppRow): AppInfo {
  const { spec, version, removed, notBefore, lastEnd, instances } = app;
  return {
    id: spec.id,
    wanted: removed ? 0 : spec.instances,
    living: instances.length,
    ready: instancesOf(machine, app).filter(({ ready }) => ready).length,
    version,
    updating: isUpdating(app),
    removed,
    ...(notBefore !== null && notBefore > machine.desk.now && { waitsUntil: notBefore }),
    ...(lastEnd !== null && { lastEnd }),
  };
}
