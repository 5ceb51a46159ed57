/** UPDATE_FRAMEWORK: what a framework says of itself changes while it is subscribed (FW-4, FW-10). */
import { updateFramework as updateInAllocator } from '../../offers/index.js';
import { putFramework, type Draft } from '../draft.js';
import { readFramework, validateFramework, validateFrameworkChange } from '../framework-info.js';
import type { FrameworkInfo, UpdateFrameworkCall } from '../inputs.js';
import { offersOf, rescindOffer } from '../offers.js';
import type { FrameworkSettings } from '../state.js';
import { heard, reject } from './heard.js';
import { allocatorSettings } from './subscribe.js';

/** All or nothing: a bad field changes nothing and is `rejected`. Offers of roles that are left are rescinded. */
export function updateFramework(draft: Draft, call: UpdateFrameworkCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  const before = infoOf(framework.settings);
  const after = changed(before, written(call));
  const problem = validateFramework(after, draft.config.roles) ?? validateFrameworkChange(before, after);
  if (problem !== undefined) {
    reject(draft, call, problem.code, problem.message);
    return;
  }
  const settings = readFramework(after);
  const kept = new Set(settings.roles);
  const left = framework.settings.roles.filter((role) => !kept.has(role));
  for (const offer of offersOf(draft, framework.id, new Set(left))) rescindOffer(draft, offer);
  const current = draft.frameworks.get(framework.id) ?? framework;
  putFramework(draft, { ...current, settings });
  updateInAllocator(draft.allocator, framework.id, allocatorSettings(settings));
}

/**
 * Absent fields stay, as far as they go with what is new: `role` and `roles` replace each other (ROLE-2), and a role that
 * is left is neither suppressed nor constrained any more.
 */
function changed(before: FrameworkInfo, now: FrameworkInfo): FrameworkInfo {
  const { role, roles, suppressedRoles = [], offerConstraints = [], ...rest } = before;
  const after: FrameworkInfo = {
    ...rest,
    ...(now.role === undefined && roles !== undefined ? { roles } : {}),
    ...(now.roles === undefined && role !== undefined ? { role } : {}),
    ...now,
  };
  const kept = new Set(after.roles ?? [after.role ?? '*']);
  return {
    suppressedRoles: suppressedRoles.filter((name) => kept.has(name)),
    offerConstraints: offerConstraints.filter((constraints) => kept.has(constraints.role)),
    ...after,
  };
}

/** The fields that the call names. */
function written(call: UpdateFrameworkCall): FrameworkInfo {
  const { type: _type, at: _at, connection: _connection, framework: _framework, ...info } = call;
  return Object.fromEntries(Object.entries(info).filter(([, value]) => value !== undefined));
}

/** Settings as a framework would write them. */
function infoOf(settings: FrameworkSettings): FrameworkInfo {
  const multiRole = settings.capabilities.includes('multi-role');
  const [role = '*'] = settings.roles;
  return {
    name: settings.name,
    user: settings.user,
    ...(settings.principal === null ? {} : { principal: settings.principal }),
    ...(settings.hostname === null ? {} : { hostname: settings.hostname }),
    ...(settings.webuiUrl === null ? {} : { webuiUrl: settings.webuiUrl }),
    ...(multiRole ? { roles: settings.roles } : { role }),
    suppressedRoles: settings.suppressedRoles,
    capabilities: settings.capabilities,
    failoverTimeoutMs: settings.failoverTimeoutMs,
    checkpoint: settings.checkpoint,
    offerFilters: settings.minAllocatable.map(
      ({ role: name, minAllocatable }) => [name, { minAllocatable: minAllocatable.map(String) }] as const,
    ),
    offerConstraints: settings.offerConstraints,
    priority: settings.priority,
    labels: settings.labels,
  };
}
