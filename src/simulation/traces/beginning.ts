/**
 * When the first of them comes, ms, 0 without any: that is where a simulation begins. The clocks of traces begin anywhere, many
 * in 1970.
 */
export function beginning(rows: readonly { readonly at: number }[]): number {
  return rows.length === 0 ? 0 : rows.reduce((first, { at }) => Math.min(first, at), Infinity);
}
