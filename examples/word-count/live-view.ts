import { agents, roles, stats, tasks, type AgentSummary, type ClusterState, type Task } from 'proffer';
import { scalar } from 'proffer/resources';
import { bar, percent } from './bars.js';
import type { Progress } from './batch.js';
import { clip, fit, fitRight } from './terminal-text.js';

/** What is drawn, and how much room there is. */
export interface ViewOptions {
  readonly cluster: ClusterState;
  readonly frameworks: readonly Progress[];
  readonly elapsedMs: number;
  readonly columns: number;
  readonly rows: number;
}

const nameColumns = 8;

/** A cluster at one moment as lines of a terminal. It reads what the queries say and nothing else of the cluster. */
export function liveView(options: ViewOptions): readonly string[] {
  const { columns, rows } = options;
  const below = ['', ...roleLines(options), '', ...progressLines(options)];
  // What does not fit cannot be drawn over again; the last row stays for the cursor.
  const room = Math.max(1, rows - 1);
  const lines = [headOf(options), '', ...agentLines(options, room - 2 - below.length), ...below];
  return lines.slice(0, room).map((line) => clip(line, columns));
}

function headOf({ cluster, elapsedMs }: ViewOptions): string {
  const now = stats(cluster);
  const parts = [
    `${(elapsedMs / 1000).toFixed(1)} s`,
    `${now.agents} agents with ${String(now.total).replaceAll('; ', ';')}`,
    `${now.frameworks} frameworks`,
    `${now.tasks} tasks`,
    `${now.runs} allocations`,
  ];
  return `word-count   ${parts.join(' · ')}`;
}

/** As many agents as there is room for, and at least one. */
function agentLines(options: ViewOptions, room: number): readonly string[] {
  const { cluster } = options;
  const width = barColumns(options);
  const running = tasks(cluster).filter(({ holds }) => holds);
  const head = `${fit('agent', nameColumns)}${fit('cpus', width + 7)}${fit('mem', width + 13)}tasks`;
  const lines = agents(cluster).map((agent) => agentLine(agent, running, width));
  const shown = Math.max(1, lines.length < room ? lines.length : room - 2);
  const more = lines.length - shown;
  return [head, ...lines.slice(0, shown), ...(more > 0 ? [`… and ${more} more`] : [])];
}

function agentLine(agent: AgentSummary, running: readonly Task[], width: number): string {
  const own = running.filter((task) => task.agent === agent.id).map(({ id }) => id);
  const cpus = useOf(agent, 'cpus', { width, columns: 5 });
  return `${fit(agent.id, nameColumns)}${cpus}  ${useOf(agent, 'mem', { width, columns: 10 })}   ${own.join(' ')}`;
}

/** How much of one resource is used: a bar and the two amounts. */
function useOf(
  { used, total }: AgentSummary,
  name: string,
  { width, columns }: { readonly width: number; readonly columns: number },
): string {
  const whole = scalar(total, name) ?? 0;
  const part = scalar(used, name) ?? 0;
  return `${bar(whole === 0 ? 0 : part / whole, width)}${fitRight(`${part}/${whole}`, columns)}`;
}

function roleLines(options: ViewOptions): readonly string[] {
  const width = barColumns(options) * 2;
  const head = `${fit('role', nameColumns)}${fit('dominant share, divided by the weight', width + 7)}weight`;
  const lines = roles(options.cluster).map(({ role, weight, dominantShare }) => {
    return `${fit(role, nameColumns)}${bar(dominantShare, width)}${fitRight(percent(dominantShare), 6)} ${weight}`;
  });
  return [head, ...lines];
}

function progressLines(options: ViewOptions): readonly string[] {
  const width = barColumns(options) * 2;
  const held = tasks(options.cluster);
  const inOrder = [...options.frameworks].sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = inOrder.map(({ name, total, done, retried }) => {
    const part = total === 0 ? 1 : done / total;
    const running = held.filter(({ role, holds }) => holds && role === name).length;
    const more = `${running} running${retried > 0 ? `, ${retried} retried` : ''}`;
    return `${fit(name, nameColumns)}${bar(part, width)}${fitRight(percent(part), 6)} ${done} of ${total}, ${more}`;
  });
  return ['tasks done', ...lines];
}

/** Room for two bars and all there is beside them. */
function barColumns({ columns }: ViewOptions): number {
  return Math.min(20, Math.max(4, Math.floor((columns - 50) / 2)));
}
