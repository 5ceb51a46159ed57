import { stats, type ClusterState } from 'proffer';
import type { Watched } from './job.js';
import { liveView } from './live-view.js';
import { paint, screen } from './screen.js';

/** What a view may touch of the process. */
export interface ViewHost {
  stdout(text: string): void;
  /** The terminal that standard output is, as large as it is now; undefined = it is none. */
  readonly terminal: { readonly columns: number; readonly rows: number; readonly colours: boolean } | undefined;
}

const drawEveryMs = 80;
const sayEveryMs = 500;

/** Shows a job until the function that it returns is called: as a picture on a terminal, else as lines. */
export function watch(job: Watched, host: ViewHost): () => void {
  return host.terminal === undefined ? watchAsLines(job, host) : watchAsPicture(job, host);
}

/**
 * However often the cluster changes, it is drawn at a pace that an eye can follow. Tasks that last a few milliseconds
 * would rarely be seen then, so what is drawn is the fullest moment since the last time.
 */
function watchAsPicture(job: Watched, host: ViewHost): () => void {
  const { draw, close } = screen((text) => host.stdout(text));
  const begin = stats(job.cluster()).now;
  let fullest: ClusterState | undefined;
  job.onChange((cluster) => {
    if (fullest === undefined || stats(cluster).tasks >= stats(fullest).tasks) fullest = cluster;
  });
  const show = (cluster: ClusterState): void => {
    const { columns, rows, colours } = host.terminal ?? { columns: 80, rows: 24, colours: false };
    const elapsedMs = stats(cluster).now - begin;
    const lines = liveView({ cluster, frameworks: job.frameworks, elapsedMs, columns, rows });
    draw(colours ? lines.map(paint) : lines);
    fullest = undefined;
  };
  const timer = setInterval(() => show(fullest ?? job.cluster()), drawEveryMs);
  return () => {
    clearInterval(timer);
    show(job.cluster());
    close();
    host.stdout('\n');
  };
}

/** A line whenever something was done since the last one, but not too many. */
function watchAsLines(job: Watched, host: ViewHost): () => void {
  let said = '';
  const say = (): void => {
    const line = job.frameworks.map(({ name, done, total }) => `${name} ${done} of ${total}`).join(', ');
    if (line !== said) host.stdout(`done: ${line}\n`);
    said = line;
  };
  const timer = setInterval(say, sayEveryMs);
  return () => {
    clearInterval(timer);
    say();
  };
}
