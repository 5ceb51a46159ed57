/** A transport noticed that a party went away. A break of an older connection ends nothing newer (FW-5, AG-3). */
import { disconnectAgent } from './agents.js';
import type { Draft } from './draft.js';
import { disconnectFramework } from './frameworks.js';
import type { Link } from './inputs.js';

/** Breaks a link, if it is the one that is there. */
export function breakLink(draft: Draft, link: Link): void {
  if (link.type === 'framework-disconnected') {
    const framework = draft.frameworks.get(link.framework);
    if (framework === undefined || !isCurrent(framework.connection, link.connection)) return;
    disconnectFramework(draft, link.framework);
    return;
  }
  const agent = draft.agents.get(link.agent);
  if (agent === undefined || !isCurrent(agent.connection, link.connection)) return;
  disconnectAgent(draft, link.agent);
}

/** A host that does not number its connections speaks of the only one there is. */
function isCurrent(current: string | null, broken: string | undefined): boolean {
  return broken === undefined || current === null || broken === current;
}
