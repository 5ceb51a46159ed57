import type { MachineTable } from '../engine/machine-table.js';
import { fits, isNoEasier, type Shape } from '../engine/shapes.js';

/**
 * What is free and of no use to anybody who waits: per resource, the part of the cluster that is free on machines on which
 * no waiting task fits. 0 when nobody waits.
 */
export function strandedParts(table: MachineTable, waiting: readonly Shape[]): readonly number[] {
  const width = table.index.names.length;
  const stranded = new Float64Array(width);
  if (waiting.length === 0) return [...stranded];
  const least = leastShapes(waiting);
  for (let machine = 0; machine < table.machines.length; machine += 1) {
    const offset = machine * width;
    if (least.some((shape) => fits(shape.need, table.free, offset) && table.suits(machine, shape))) continue;
    for (let at = 0; at < width; at += 1) stranded[at] = (stranded[at] as number) + (table.free[offset + at] as number);
  }
  return Array.from(stranded, (amount, at) => amount / Math.max(1, table.totals[at] as number));
}

/** Shapes of which none is easier to place than another. */
function leastShapes(shapes: readonly Shape[]): readonly Shape[] {
  const least: Shape[] = [];
  for (const shape of shapes) {
    if (least.some((other) => isNoEasier(shape, other))) continue;
    const kept = least.filter((other) => !isNoEasier(other, shape));
    least.splice(0, least.length, ...kept, shape);
  }
  return least;
}
