/** How things are told apart: by colour, and beyond that by dashes or shape, for whoever sees no colours. */

/**
 * Six colours that differ to eyes that lack one of three kinds of cones too, with a contrast of 3 to 1 or more to the paper;
 * for light paper and for dark.
 */
export const palette: { readonly [paper in 'light' | 'dark']: readonly string[] } = {
  light: ['#1f5fa8', '#a83c0a', '#2aa27b', '#561a50', '#b58d18', '#9a78f2'],
  dark: ['#52a3ee', '#f0874a', '#8af2d0', '#e39ccb', '#f3d565', '#8458e6'],
};

/** The paper itself. */
export const paper: { readonly [paper in 'light' | 'dark']: string } = { light: '#ffffff', dark: '#15181c' };

/** So many things can be told apart; others are grey. */
export const mostLooks = 12;

/** How the nth thing looks: a class of the style sheet, or two. */
export function look(index: number): string {
  if (index < 0 || index >= mostLooks) return 'grey';
  return index < 6 ? `c${index}` : `c${index - 6} dashed`;
}

/** Shapes around 0, 0 that are about as large. */
const shapes: readonly string[] = [
  'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0Z',
  'M-4-4H4V4H-4Z',
  'M0-5.6L5.6 0L0 5.6L-5.6 0Z',
  'M0-5L5.2 4H-5.2Z',
  'M0 5L5.2-4H-5.2Z',
  'M-5-1.8H-1.8V-5H1.8V-1.8H5V1.8H1.8V5H-1.8V1.8H-5Z',
];

/** The path of a marker for the nth thing. */
export function marker(index: number): string {
  return shapes[((index % shapes.length) + shapes.length) % shapes.length] ?? '';
}
