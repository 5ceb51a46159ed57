import { agents, tasks, type ClusterState } from '../../cluster/index.js';
import type { Master, TaskEvent } from '../../master/index.js';
import { amount, quantitiesFromScalarResources, type Resources } from '../../resources/index.js';
import { bar, cut, plain, span } from './text.js';

/** How far a framework is, for people. */
export interface Progress {
  readonly name: string;
  readonly scheduler: string;
  /** One line. */
  summary(): string;
}

/** Where a view is shown. */
export interface Screen {
  write(text: string): void;
  /** Whether lines that were written can be written over. */
  readonly interactive: boolean;
  readonly columns: number;
}

/** Something that shows a cluster until it is told to stop. */
export interface View {
  /** Says something besides. */
  note(message: string): void;
  stop(): void;
}

const frameMs = 200;
const barColumns = 16;

/** Shows what happens: a picture that is drawn anew on a terminal, else a line for each change of a task. */
export function showCluster(master: Master, frameworks: readonly Progress[], screen: Screen): View {
  return screen.interactive ? drawnView(master, frameworks, screen) : lineView(master, frameworks, screen);
}

function lineView(master: Master, frameworks: readonly Progress[], screen: Screen): View {
  const names = (id: string): string => nameOf(master.state, id);
  const say = (line: string): void => screen.write(`${new Date().toISOString().slice(11, 19)} ${plain(line)}\n`);
  const stops = [
    master.on('task', (event) => {
      const line = taskLine(event, names);
      if (line !== undefined) say(line);
    }),
    master.on('agent', ({ type, agent }) => say(`agent ${agent} ${type}`)),
  ];
  return {
    note: say,
    stop() {
      for (const stop of stops) stop();
      for (const framework of frameworks) say(`${framework.name}: ${framework.summary()}`);
    },
  };
}

function taskLine(event: TaskEvent, names: (framework: string) => string): string | undefined {
  if (event.type === 'launched') return undefined;
  const { task, status, framework } = event;
  const where = status.agent === undefined ? '' : ` on ${status.agent}`;
  const why = status.message === undefined ? '' : `: ${status.message}`;
  return `${names(framework)} ${task} ${status.state}${where}${why}`;
}

function drawnView(master: Master, frameworks: readonly Progress[], screen: Screen): View {
  const startedAt = Date.now();
  let drawn = 0;
  const clear = (): void => {
    if (drawn > 0) screen.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    const lines = frame(master.state, frameworks, Date.now() - startedAt).map((line) =>
      cut(plain(line), screen.columns - 1),
    );
    clear();
    screen.write(lines.map((line) => `${line}\n`).join(''));
    drawn = lines.length;
  };
  screen.write('\u001b[?25l');
  const timer = setInterval(draw, frameMs);
  return {
    note(message) {
      clear();
      screen.write(`${plain(message)}\n`);
      draw();
    },
    stop() {
      clearInterval(timer);
      draw();
      screen.write('\u001b[?25h');
    },
  };
}

/** One picture of a cluster, by what its queries say. */
export function frame(state: ClusterState, frameworks: readonly Progress[], ranMs: number): readonly string[] {
  const machines = agents(state);
  const width = Math.max(8, ...machines.map(({ id }) => id.length), ...frameworks.map(({ name }) => name.length));
  const running = tasks(state).filter((task) => task.state === 'running').length;
  return [
    `${machines.length} agents, ${running} tasks running, ${span(ranMs)}`,
    '',
    ...machines.map(({ id, total, used, connected }) => {
      const state = connected ? '' : '  disconnected';
      return `${id.padEnd(width)}  ${gauge('cpus', used, total)}  ${gauge('mem', used, total)}${state}`;
    }),
    '',
    ...frameworks.map(({ name, scheduler, summary }) => `${name.padEnd(width)}  ${scheduler.padEnd(7)}  ${summary()}`),
  ];
}

function gauge(name: string, used: Resources, total: Resources): string {
  const [part, whole] = [used, total].map((each) => amount(quantitiesFromScalarResources(each), name) / 1_000);
  const figures = `${round(part ?? 0)}/${round(whole ?? 0)}`;
  return `${name} ${bar(whole === 0 ? 0 : (part ?? 0) / (whole ?? 1), barColumns)} ${figures.padEnd(11)}`;
}

function round(amount: number): string {
  return String(Math.round(amount * 100) / 100);
}

/** What a framework called itself. */
function nameOf(state: ClusterState, id: string): string {
  return state.frameworks.get(id)?.settings.name ?? id;
}
