import { hasName, resources } from '../../resources/index.js';
import type { FrameworkCapability } from '../../tasks/index.js';
import type { TaskSpec } from './task-spec.js';

/** What a framework must be capable of to be offered what these tasks want. */
export function capabilitiesFor(specs: Iterable<TaskSpec>): readonly FrameworkCapability[] {
  const capabilities = new Set<FrameworkCapability>();
  for (const spec of specs) {
    if (spec.revocable) capabilities.add('revocable-resources');
    if (hasName(resources(spec.resources), 'gpus')) capabilities.add('gpu-resources');
  }
  return [...capabilities];
}
