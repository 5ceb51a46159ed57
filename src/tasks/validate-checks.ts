import type { Problem } from '../resources/index.js';
import { cut, quote } from '../resources/quote.js';
import { validateArtifacts } from './artifacts.js';
import type { CheckInfo, CommandInfo, ContainerInfo, EnvironmentVariable } from './info.js';
import { isDuration, prefixed, validateDuration } from './problems.js';

/** A command's environment must have a value, or a secret, for each of its variables, and its artifacts a source (VAL-5). */
export function validateCommand(command: CommandInfo | undefined, path: string): Problem | undefined {
  for (const [index, variable] of (command?.environment ?? []).entries()) {
    const problem = validateVariable(variable, `${path}.environment[${index}]`);
    if (problem !== undefined) return problem;
  }
  return validateArtifacts(command?.artifacts, `${path}.artifacts`);
}

function validateVariable(variable: EnvironmentVariable, path: string): Problem | undefined {
  const { name, type = 'value' } = variable;
  const subject = `Environment variable '${cut(name)}' of type '${cut(String(type).toUpperCase())}'`;
  const bad = (field: string, demand: string): Problem => {
    return { code: 'bad-command', path: `${path}.${field}`, message: `${subject} ${demand}` };
  };
  // A caller without types may write another.
  if (type !== 'value' && type !== 'secret') return bad('type', 'is not allowed');
  const other = type === 'value' ? 'secret' : 'value';
  if (typeof variable[type] !== 'string') return bad(type, `must have a ${type} set`);
  return variable[other] === undefined ? undefined : bad(other, `must not have a ${other} set`);
}

/** A Docker container must say its image, and leave its name to the agent (VAL-5). */
export function validateContainer(container: ContainerInfo | undefined, path: string): Problem | undefined {
  if (container?.type !== 'docker') return undefined;
  const bad = (field: string, message: string): Problem => ({
    code: 'bad-container',
    path: `${path}.${field}`,
    message,
  });
  // A caller without types may leave out the image.
  if (container.docker?.image === undefined) {
    return bad('docker', "DockerInfo 'docker' is not set for DOCKER typed ContainerInfo");
  }
  const isNamed = (container.docker.parameters ?? []).some(({ key }) => key === 'name');
  return isNamed ? bad('docker.parameters', "Parameter in DockerInfo must not be 'name'") : undefined;
}

/** The two kinds of check, and how messages speak of them. */
interface CheckKind {
  readonly owner: 'CheckInfo' | 'HealthCheck';
  readonly noun: 'check' | 'health check';
}
const check: CheckKind = { owner: 'CheckInfo', noun: 'check' };
const healthCheck: CheckKind = { owner: 'HealthCheck', noun: 'health check' };

/** Whether a check is well-formed: the body that its type wants, and times that are times (VAL-5). */
export function validateCheck(info: CheckInfo | undefined, path: string): Problem | undefined {
  return info && prefixed('Task uses invalid check: ', validateAnyCheck(info, check, path));
}

/** As `validateCheck`, for a health check. */
export function validateHealthCheck(info: CheckInfo | undefined, path: string): Problem | undefined {
  return info && prefixed('Task uses invalid health check: ', validateAnyCheck(info, healthCheck, path));
}

function validateAnyCheck(info: CheckInfo, kind: CheckKind, path: string): Problem | undefined {
  return validateCheckBody(info, kind, path) ?? validateCheckTimes(info, path);
}

function validateCheckBody(info: CheckInfo, { owner, noun }: CheckKind, path: string): Problem | undefined {
  const bad = (field: string, message: string): Problem => ({ code: 'bad-check', path: `${path}.${field}`, message });
  switch (info.type) {
    case 'command': {
      if (info.command === undefined) return bad('command', `Expecting 'command' to be set for COMMAND ${noun}`);
      if (info.command.value === undefined) {
        const what = info.command.shell === false ? "'executable path'" : "'shell command'";
        return bad('command.value', `Command ${noun} must contain ${what}`);
      }
      return prefixed("Its 'CommandInfo' is invalid: ", validateCommand(info.command, `${path}.command`));
    }
    case 'http': {
      if (info.http === undefined) return bad('http', `Expecting 'http' to be set for HTTP ${noun}`);
      const { path: url, port } = info.http;
      if (url !== undefined && !url.startsWith('/')) {
        return bad('http.path', `The path ${quote(url)} of HTTP ${noun} must start with '/'`);
      }
      return isPort(port) ? undefined : bad('http.port', `The port of HTTP ${noun} must be a whole number up to 65535`);
    }
    case 'tcp': {
      if (info.tcp === undefined) return bad('tcp', `Expecting 'tcp' to be set for TCP ${noun}`);
      const fine = isPort(info.tcp.port);
      return fine ? undefined : bad('tcp.port', `The port of TCP ${noun} must be a whole number up to 65535`);
    }
  }
  info.type satisfies never;
  // Reached only by a caller without types.
  return info.type === undefined
    ? bad('type', `${owner} must specify 'type'`)
    : bad('type', `'${String(info.type)}' is not a valid ${noun} type`);
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535 && !Object.is(port, -0);
}

function validateCheckTimes(info: CheckInfo, path: string): Problem | undefined {
  const named = {
    delay: 'delayMs',
    grace_period: 'gracePeriodMs',
    interval: 'intervalMs',
    timeout: 'timeoutMs',
  } as const;
  for (const [name, field] of Object.entries(named)) {
    const problem = validateDuration(info[field], `Expecting '${name}_seconds': it`, `${path}.${field}`);
    if (problem !== undefined) return problem;
  }
  const failures = info.consecutiveFailures;
  if (failures === undefined || isDuration(failures)) return undefined;
  const message = "Expecting 'consecutive_failures' to be a whole number, zero or more";
  return { code: 'bad-check', path: `${path}.consecutiveFailures`, message };
}
