/** Numbers as text. What is no number is a dash, whatever it is. */

/** What stands for a figure that there is not. */
export const nothing = '–';

/** Beyond this a number is told by its order of magnitude. */
const vast = 1e15;

/** A count: `12,345`. */
export function whole(value: number): string {
  if (!Number.isFinite(value)) return nothing;
  if (Math.abs(value) >= vast) return value.toExponential(1);
  const digits = String(Math.abs(Math.round(value))).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  return value <= -0.5 ? `−${digits}` : digits;
}

/** A count of things: `1 task`, `2 tasks`. */
export function count(value: number, one: string, many: string = `${one}s`): string {
  return `${whole(value)} ${value === 1 ? one : many}`;
}

/** A part as percent, to a tenth, below that to two figures: `34.5%`, `0.027%`. Only all is 100%, only nothing is 0%. */
export function percent(part: number): string {
  if (!Number.isFinite(part)) return nothing;
  if (Math.abs(part) >= vast) return `${(100 * part).toExponential(1)}%`;
  if (part === 0) return '0%';
  if (part === 1) return '100%';
  const text = (100 * part).toFixed(1);
  if (text === '0.0' || text === '-0.0') return Math.abs(part) < 1e-6 ? '<0.0001%' : smallPercent(part);
  if (text === '100.0' && part < 1) return '>99.9%';
  return `${text.replace('-', '−')}%`;
}

function smallPercent(part: number): string {
  return `${String(Number((100 * part).toPrecision(2))).replace('-', '−')}%`;
}

/** A part among others, that is nothing if there are no others. */
export function percentOf(part: number, all: number): string {
  return all > 0 ? percent(part / all) : nothing;
}

/** An index from 0 to 1: `0.853`. */
export function index(value: number): string {
  if (!Number.isFinite(value)) return nothing;
  const text = value.toFixed(3);
  return text === '1.000' && value < 1 ? '>0.999' : text;
}

/** A factor: `3.4 times`. */
export function times(value: number): string {
  if (!Number.isFinite(value)) return nothing;
  return `${value < 10 ? trimmed(value.toFixed(1)) : whole(value)} times`;
}

/** So much of a resource: memory and disk, which are in MiB, in units that fit. */
export function amount(resource: string, value: number): string {
  if (!Number.isFinite(value)) return nothing;
  if (resource !== 'mem' && resource !== 'disk') return value >= 100 ? whole(value) : trimmed(value.toFixed(2));
  if (value < 1_024) return `${whole(value)} MiB`;
  const gib = value / 1_024;
  if (gib < 10_240) return `${gib < 100 ? trimmed(gib.toFixed(1)) : whole(gib)} GiB`;
  return `${gib / 1_024 < 100 ? trimmed((gib / 1_024).toFixed(1)) : whole(gib / 1_024)} TiB`;
}

/** A number as somebody gave it: a weight, a seed. */
export function given(value: number): string {
  return Number.isFinite(value) ? String(value) : nothing;
}

/** Without zeros behind the point: `1.50` is `1.5`, `2.0` is `2`. */
export function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
