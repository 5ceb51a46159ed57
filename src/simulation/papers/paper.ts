/** Experiments of papers, made again by simulation. */
import type { SimulationResult } from '../result.js';

/** One figure of a paper, and ours. */
export interface PaperFigure {
  readonly what: string;
  readonly unit: '%' | 's' | 'jobs' | 'times';
  readonly paper: number;
  readonly ours: number;
}

/** An experiment that was made again. */
export interface PaperResult {
  readonly name: string;
  /** What it is about, and where it stands. */
  readonly title: string;
  readonly source: string;
  readonly figures: readonly PaperFigure[];
  /** What was assumed where the paper says nothing, and why figures differ. */
  readonly notes: readonly string[];
  /** The simulations that ours come from. */
  readonly results: readonly SimulationResult[];
}

/** A figure, ours rounded to a tenth. */
export function figure(what: string, unit: PaperFigure['unit'], paper: number, ours: number): PaperFigure {
  return { what, unit, paper, ours: unit === 'times' ? Math.round(ours * 100) / 100 : Math.round(ours * 10) / 10 };
}
