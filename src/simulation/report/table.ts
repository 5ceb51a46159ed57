import { markup, lines, type Content, type Markup } from './markup.js';

/** A column of a table. */
export interface Column {
  readonly head: Content;
  /** Classes of the style sheet: `words` lean left, `strip` is as wide as there is room, `wide` is left out on narrow pages. */
  readonly look?: 'words' | 'strip' | 'wide' | 'words wide';
}

/** A row: its head, and a cell for each further column. */
export interface Row {
  readonly head: Content;
  readonly cells: readonly Content[];
}

/** Rows that belong together, perhaps under a heading of their own. */
export interface RowGroup {
  readonly title?: Content;
  readonly rows: readonly Row[];
}

/** What a table is made of. */
export interface Table {
  /** What it is, for who can't see it too. */
  readonly name: string;
  /** Whether its name is above it. Default false: a heading says it. */
  readonly named?: boolean;
  /** The first is that of the heads of rows. */
  readonly columns: readonly Column[];
  readonly groups: readonly RowGroup[];
  readonly look?: string;
}

/** A table whose heads say what they are heads of. It scrolls by itself where it is too wide for the page. */
export function table({ name, named = false, columns, groups, look }: Table): Markup {
  return markup`<div class="scroll" tabindex="0" role="group" aria-label="${name}">
    <table${classed(look)}>
      <caption>${named ? name : markup`<span class="hidden">${name}</span>`}</caption>
      <thead>
        <tr>
          ${columns.map(({ head, look: of }) => markup`<th scope="col"${classed(of)}>${head}</th>`)}
        </tr>
      </thead>
      ${lines(groups.map((group) => body(group, columns)))}
    </table>
  </div>`;
}

function body({ title, rows }: RowGroup, columns: readonly Column[]): Markup {
  const heading =
    title === undefined
      ? undefined
      : markup`<tr class="title">
          <th scope="rowgroup" colspan="${columns.length}">${title}</th>
        </tr>`;
  return markup`<tbody>
    ${lines([heading, ...rows.map((row) => line(row, columns))])}
  </tbody>`;
}

function line({ head, cells }: Row, columns: readonly Column[]): Markup {
  return markup`<tr>
    <th scope="row">${head}</th>
    ${cells.map((cell, at) => markup`<td${classed(columns[at + 1]?.look)}>${cell}</td>`)}
  </tr>`;
}

function classed(look: string | undefined): Content {
  return look === undefined ? undefined : markup` class="${look}"`;
}
