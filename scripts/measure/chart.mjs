/** Curves as an SVG: both axes by orders of magnitude, so that what grows in proportion is a straight line of slope one. */

/** @typedef {readonly [x: number, y: number]} Point */
/** @typedef {{ readonly name: string, readonly points: readonly Point[] }} Series */
/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} description what can be seen, for those who cannot see it
 * @property {string} x what lies along, with its unit
 * @property {string} y what stands up, with its unit
 * @property {readonly Series[]} series
 */
/**
 * @typedef {object} Axis
 * @property {readonly number[]} ticks
 * @property {(value: number) => number} place
 */

const width = 760;
const height = 440;
const plot = { left: 84, right: 730, top: 78, bottom: 372 };
/** Room for zero, which has no logarithm: it stands below (or left of) the rest. */
const zeroGap = 28;
/** Up to so many orders of magnitude there are ticks between them. */
const few = 2;
/** The logarithm of a power of ten may be less than whole by so much. */
const tiny = 1e-9;
/** In the light and in the dark. */
const colours = [
  ['#0969da', '#58a6ff'],
  ['#bc4c00', '#f0883e'],
  ['#1a7f37', '#3fb950'],
  ['#8250df', '#bc8cff'],
];
const dashes = ['none', '7 4', '2 4', '10 4 2 4'];

/**
 * @param {Chart} chart
 * @returns {string}
 */
export function svgOf({ title, description, x, y, series }) {
  const drawn = series.filter(({ points }) => points.length > 0);
  const points = drawn.flatMap((one) => one.points);
  const along = axis(
    points.map(([value]) => value),
    plot.left + 14,
    plot.right - 14,
  );
  const up = axis(
    points.map(([, value]) => value),
    plot.bottom - 8,
    plot.top + 8,
  );
  const line = guide(drawn, along, up);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escape(title)}</title>`,
    `<desc id="desc">${escape(description)}</desc>`,
    style(drawn.length),
    `<clipPath id="plot"><rect x="${plot.left}" y="${plot.top}" width="${plot.right - plot.left}" height="${plot.bottom - plot.top}"/></clipPath>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="heading" x="${plot.left}" y="28">${escape(title)}</text>`,
    ...grid(along, up),
    `<text class="label" x="${(plot.left + plot.right) / 2}" y="${height - 18}" text-anchor="middle">${escape(x)}</text>`,
    `<text class="label" transform="translate(20 ${(plot.top + plot.bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(y)}</text>`,
    ...line,
    ...drawn.flatMap((one, n) => curve(one, n, along, up)),
    ...legend(drawn, line.length > 0),
    '</svg>',
    '',
  ].join('\n');
}

/**
 * An axis over whole orders of magnitude: one that ends close to its values would make much of small differences.
 *
 * @param {readonly number[]} values
 * @param {number} from pixels
 * @param {number} to pixels
 * @returns {Axis}
 */
export function axis(values, from, to) {
  const positive = values.filter((value) => value > 0);
  const hasZero = positive.length < values.length;
  const least = positive.length === 0 ? 1 : Math.min(...positive);
  const most = positive.length === 0 ? 1 : Math.max(...positive);
  let low = Math.floor(Math.log10(least) + tiny);
  let high = Math.ceil(Math.log10(most) - tiny);
  if (low === high) {
    // A lone power of ten stands in the middle of its surroundings.
    low -= 1;
    high += 1;
  }
  const start = hasZero ? from + Math.sign(to - from) * zeroGap : from;
  const place = (/** @type {number} */ value) =>
    value > 0 ? start + ((to - start) * (Math.log10(value) - low)) / (high - low) : from;
  return { ticks: [...(hasZero ? [0] : []), ...ticksBetween(low, high)], place };
}

/**
 * @param {number} low an order of magnitude
 * @param {number} high
 * @returns {number[]}
 */
function ticksBetween(low, high) {
  const ticks = [];
  const steps = high - low > few ? [1] : [1, 2, 5];
  for (let power = low; power < high; power += 1) {
    // Division keeps 0.001 what it is; a negative power would not.
    for (const step of steps) ticks.push(power < 0 ? step / 10 ** -power : step * 10 ** power);
  }
  return [...ticks, high < 0 ? 1 / 10 ** -high : 10 ** high];
}

/**
 * @param {Axis} along
 * @param {Axis} up
 * @returns {string[]}
 */
function grid(along, up) {
  return [
    ...along.ticks.flatMap((tick) => {
      const at = px(along.place(tick));
      return [
        `<line class="grid" x1="${at}" x2="${at}" y1="${plot.top}" y2="${plot.bottom}"/>`,
        `<text class="tick" x="${at}" y="${plot.bottom + 18}" text-anchor="middle">${tickText(tick)}</text>`,
      ];
    }),
    ...up.ticks.flatMap((tick) => {
      const at = px(up.place(tick));
      return [
        `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}"/>`,
        `<text class="tick" x="${plot.left - 8}" y="${px(up.place(tick) + 4)}" text-anchor="end">${tickText(tick)}</text>`,
      ];
    }),
    `<rect class="frame" x="${plot.left}" y="${plot.top}" width="${plot.right - plot.left}" height="${plot.bottom - plot.top}"/>`,
  ];
}

/**
 * Where the first curve would be if it grew in proportion.
 *
 * @param {readonly Series[]} series
 * @param {Axis} along
 * @param {Axis} up
 * @returns {string[]}
 */
function guide(series, along, up) {
  const points = series[0]?.points.filter(([x, y]) => x > 0 && y > 0) ?? [];
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || first === last) return [];
  const end = up.place((first[1] * last[0]) / first[0]);
  return [
    `<line class="guide" clip-path="url(#plot)" x1="${px(along.place(first[0]))}" y1="${px(up.place(first[1]))}" x2="${px(along.place(last[0]))}" y2="${px(end)}"/>`,
  ];
}

/**
 * @param {Series} series
 * @param {number} n
 * @param {Axis} along
 * @param {Axis} up
 * @returns {string[]}
 */
function curve({ name, points }, n, along, up) {
  const places = points.map(([x, y]) => ({ x, y, left: px(along.place(x)), top: px(up.place(y)) }));
  // Zero is on no curve of this scale: the line has a gap there.
  const lines = places.flatMap((place, index) => {
    const next = places[index + 1];
    if (next === undefined || place.x <= 0 || place.y <= 0 || next.x <= 0 || next.y <= 0) return [];
    return [`M${place.left} ${place.top}L${next.left} ${next.top}`];
  });
  return [
    ...(lines.length === 0 ? [] : [`<path class="curve s${n}" d="${lines.join('')}"/>`]),
    ...places.map(({ x, y, left, top }) => {
      const hint = `<title>${escape(`${name}: ${tickText(x)}, ${valueText(y)}`)}</title>`;
      return mark(left, top, n, y > 0 ? '' : ' hollow', hint);
    }),
  ];
}

/**
 * Each series has a shape of its own, for those to whom colours say little.
 *
 * @param {number} x
 * @param {number} y
 * @param {number} n
 * @param {string} more
 * @param {string} hint
 * @returns {string}
 */
function mark(x, y, n, more, hint) {
  const looks = `class="mark s${n}${more}"`;
  switch (n % 4) {
    case 1:
      return `<rect ${looks} x="${x - 4}" y="${y - 4}" width="8" height="8">${hint}</rect>`;
    case 2:
      return `<path ${looks} d="M${x} ${y - 5}L${x + 5} ${y + 4}L${x - 5} ${y + 4}Z">${hint}</path>`;
    case 3:
      return `<path ${looks} d="M${x} ${y - 5}L${x + 5} ${y}L${x} ${y + 5}L${x - 5} ${y}Z">${hint}</path>`;
    default:
      return `<circle ${looks} cx="${x}" cy="${y}" r="4.5">${hint}</circle>`;
  }
}

/**
 * @param {readonly Series[]} series
 * @param {boolean} hasGuide
 * @returns {string[]}
 */
function legend(series, hasGuide) {
  let left = plot.left;
  const entries = series.map(({ name }, n) => {
    const at = left;
    left += 46 + name.length * 7.2;
    return `<g><line class="curve s${n}" x1="${px(at)}" x2="${px(at + 26)}" y1="54" y2="54"/>${mark(px(at + 13), 54, n, '', '')}<text class="tick" x="${px(at + 33)}" y="58">${escape(name)}</text></g>`;
  });
  if (!hasGuide) return entries;
  return [
    ...entries,
    `<line class="guide" x1="${px(left)}" x2="${px(left + 26)}" y1="54" y2="54"/>`,
    `<text class="tick" x="${px(left + 33)}" y="58">in proportion</text>`,
  ];
}

/**
 * @param {number} count
 * @returns {string}
 */
function style(count) {
  const looks = (/** @type {number} */ theme) =>
    Array.from({ length: count }, (_, n) => `.s${n}{color:${colours[n % colours.length]?.[theme] ?? 'currentColor'}}`);
  return [
    '<style>',
    'svg{color:#1f2328;font:13px system-ui,sans-serif}',
    '.paper{fill:#ffffff}',
    '.heading{font-size:17px;font-weight:600;fill:currentColor}',
    '.label,.tick{fill:currentColor}',
    '.tick{font-size:12px}',
    '.grid{stroke:currentColor;stroke-opacity:.14}',
    '.frame{fill:none;stroke:currentColor;stroke-opacity:.5}',
    '.guide{stroke:currentColor;stroke-opacity:.55;stroke-dasharray:1 5;stroke-linecap:round;stroke-width:2}',
    '.curve{fill:none;stroke:currentColor;stroke-width:2.5}',
    '.mark{fill:currentColor;stroke:currentColor;stroke-width:1.5}',
    '.hollow{fill:none}',
    ...Array.from({ length: count }, (_, n) => `.curve.s${n}{stroke-dasharray:${dashes[n % dashes.length]}}`),
    ...looks(0),
    `@media (prefers-color-scheme:dark){svg{color:#e6edf3}.paper{fill:#0d1117}${looks(1).join('')}}`,
    '</style>',
  ].join('\n');
}

/**
 * @param {number} value
 * @returns {string}
 */
function tickText(value) {
  if (value === 0) return '0';
  if (value >= 1) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(1)).toFixed(Math.max(0, -Math.floor(Math.log10(value) + tiny)));
}

/**
 * @param {number} value
 * @returns {string}
 */
function valueText(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

/**
 * @param {number} value
 * @returns {number}
 */
function px(value) {
  return Math.round(value * 10) / 10;
}

/**
 * @param {string} text
 * @returns {string}
 */
function escape(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
