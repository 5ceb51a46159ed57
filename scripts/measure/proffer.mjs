/** What the scripts that measure have in common: one row of `proffer bench`, the machine it ran on, and files. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

/** @typedef {import('../../bench/types.ts').WorkloadRow} WorkloadRow */
/** @typedef {Readonly<Record<string, string | number>>} Flags options of `proffer bench` without their dashes */
/**
 * @typedef {object} Machine
 * @property {string} cpu
 * @property {number} cores
 * @property {number} memoryGiB
 * @property {string} node
 * @property {string} date
 */

const root = new URL('../../', import.meta.url);
const command = fileURLToPath(new URL('dist/cli/main.js', root));

/**
 * The rows of one workload, each from a process of its own.
 *
 * @param {string} workload
 * @param {Flags} flags
 * @returns {readonly WorkloadRow[]}
 */
export function measure(workload, flags) {
  const args = flagsOf(flags);
  const child = spawnSync(process.execPath, [command, 'bench', workload, ...args, '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  });
  if (child.status !== 0) throw new Error(`proffer bench ${workload} ${args.join(' ')} failed`);
  return /** @type {WorkloadRow[]} */ (JSON.parse(child.stdout));
}

/**
 * As one would type them.
 *
 * @param {Flags} flags
 * @returns {string[]}
 */
export function flagsOf(flags) {
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/**
 * What figures depend on.
 *
 * @returns {Machine}
 */
export function machine() {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  };
}

/**
 * @param {Machine} machine
 * @returns {string}
 */
export function machineText({ cpu, cores, memoryGiB, node, date }) {
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node.replace(/^v/, '')}, ${date}`;
}

/**
 * @param {string} path from the root of the repository
 * @returns {string}
 */
export function read(path) {
  return readFileSync(new URL(path, root), 'utf8');
}

/**
 * Writes a file as `prettier` would have it; one of a kind that it does not know as it is.
 *
 * @param {string} path from the root of the repository
 * @param {string} text
 */
export async function write(path, text) {
  const url = new URL(path, root);
  const filepath = fileURLToPath(url);
  const config = await resolveConfig(filepath);
  writeFileSync(url, /\.(md|json)$/.test(path) ? await format(text, { ...config, filepath }) : text);
}

/**
 * A table in Markdown.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 * @param {readonly number[]} words the columns that hold words, which lean left; figures lean right
 * @returns {string}
 */
export function table(head, rows, words) {
  const rule = head.map((_, column) => (words.includes(column) ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/**
 * Three figures that count, whatever the size.
 *
 * @param {number | null | undefined} value
 * @returns {string}
 */
export function figure(value) {
  if (value == null) return '–';
  if (value === 0) return '0';
  return Math.abs(value) >= 100
    ? whole(Number(value.toPrecision(3)))
    : Number(value.toPrecision(Math.abs(value) < 0.001 ? 1 : 3)).toString();
}

/**
 * @param {number | null | undefined} value
 * @returns {string}
 */
export function whole(value) {
  return value == null ? '–' : Math.round(value).toLocaleString('en-US');
}
