import type { PaperResult } from '../../simulation/index.js';
import { amount, columns } from './words.js';

/** An experiment of a paper, for a terminal: its figures beside ours, and why they differ. */
export function paperText({ title, source, figures, notes }: PaperResult): string {
  const rows = figures.map(({ what, unit, paper, ours }) => [what, amount(paper), amount(ours), unit]);
  const table = columns([['', 'paper', 'here', ''], ...rows]);
  const lines = [title, source, '', ...table, '', ...notes.map((note) => `- ${note}`)];
  return lines.map((line) => `${line}\n`).join('');
}
