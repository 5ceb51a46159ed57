import { resources, type Resources } from '../../resources/index.js';
import type { EnvironmentVariable, Label, TaskLike } from '../../tasks/index.js';
import type { Wish } from './take.js';
import { resolvedCheck, variableOf, type TaskSpec } from './task-spec.js';

/** What a task wants of an offer, its executor aside. */
export function wishOf(spec: TaskSpec): Wish {
  return { resources: resources(spec.resources), ports: spec.ports.length, revocable: spec.revocable };
}

/** What is known of a task only when it is launched. */
export interface Launch {
  readonly id: string;
  readonly resources: Resources;
  /** As many as the description names. */
  readonly ports: readonly number[];
  /** Whose it is, for whoever looks at tasks; also in the environment of a command, as `PROFFER_<KEY>`. */
  readonly labels: readonly Required<Label>[];
  readonly priority?: number;
}

/** The task to launch. */
export function taskOf({ ports: names, body }: TaskSpec, launch: Launch): TaskLike {
  const { id, resources: taken, ports, labels, priority } = launch;
  const portOf = (name: string): number | undefined => ports[names.indexOf(name)];
  const { check, healthCheck, command, ...rest } = body;
  const asks = check && resolvedCheck(check, portOf);
  const asksHealth = healthCheck && resolvedCheck(healthCheck, portOf);
  const told = [...environmentOf(labels), ...portVariables(names, ports)];
  return {
    ...rest,
    id,
    resources: taken,
    labels: [...(body.labels ?? []), ...labels],
    ...(command && { command: { ...command, environment: [...told, ...(command.environment ?? [])] } }),
    ...(asks && { check: asks }),
    ...(asksHealth && { healthCheck: asksHealth }),
    ...(priority !== undefined && { priority }),
  };
}

function environmentOf(labels: readonly Required<Label>[]): EnvironmentVariable[] {
  return labels.map(({ key, value }) => ({ name: `PROFFER_${key.toUpperCase()}`, value }));
}

function portVariables(names: readonly string[], ports: readonly number[]): EnvironmentVariable[] {
  return names.flatMap((name, index) => {
    const value = String(ports[index] ?? '');
    const numbered = { name: `PORT${index}`, value };
    return name === String(index) ? [numbered] : [numbered, { name: variableOf(name), value }];
  });
}
