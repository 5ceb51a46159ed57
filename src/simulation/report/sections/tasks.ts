import { markup, type Markup } from '../markup.js';
import type { View } from '../view.js';
import { section } from './section.js';
import { meansNote, sideBySide } from './side-by-side.js';

/** Tasks that wait and tasks that run, over time. */
export function tasksSection(view: View): Markup {
  return section(
    'tasks',
    'Tasks waiting and running',
    markup`How many there are. ${meansNote(view)}`,
    markup`<h3>Tasks that wait</h3>`,
    sideBySide(view, { id: 'waiting-tasks', name: 'Tasks that wait', values: ({ series }) => series.waiting }),
    markup`<h3>Tasks that run</h3>`,
    sideBySide(view, { id: 'running-tasks', name: 'Tasks that run', values: ({ series }) => series.running }),
  );
}
