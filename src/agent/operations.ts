/** What the master made of the agent's resources (OP-3, RSV-6). */
import { convert, problemIn, resources } from '../resources/index.js';
import type { ApplyOperationCommand } from '../tasks/index.js';
import { drop, isOpen, report, type Step } from './step.js';

/**
 * Keeps a change of what the agent has; it is a part of what it says of itself from now on. Of resources that it does not
 * have nothing can be made: then it says what it does have, and the master goes by that.
 */
export function onApplyOperation(step: Step, command: ApplyOperationCommand): void {
  const { description, id } = step.state;
  // A command that came as JSON has its resources as text.
  const conversion = { consumed: resources(command.consumed), converted: resources(command.converted) };
  const problem = problemIn(() => {
    const changed = convert(description.resources, [conversion]);
    step.state = { ...step.state, description: { ...description, resources: changed } };
  });
  if (problem === undefined) return;
  drop(step);
  if (isOpen(step) && id !== undefined) {
    report(step, { type: 'update-agent', agent: id, resources: description.resources });
  }
}
