/**
 * What tells values under the pointer, and under the arrow keys: the only script of the page, without which all else is there.
 * It reads names as text, never as HTML, and numbers from the lines themselves.
 */
export const hover: string = `
(() => {
'use strict';
const svgns = 'http://www.w3.org/2000/svg';
const extent = 10000;
const readout = document.createElement('div');
readout.className = 'readout';
readout.hidden = true;
readout.setAttribute('role', 'status');
document.body.append(readout);
const duration = (ms) => {
  const units = [['ms', 1, 1e3], ['s', 1e3, 6e4], ['min', 6e4, 36e5], ['h', 36e5, 1728e5], ['d', 864e5, Infinity]];
  const [name, size] = units.find(([, , below]) => ms < below);
  return (ms === 0 ? '0' : Number((ms / size).toPrecision(ms / size < 100 ? 3 : 4)).toLocaleString('en')) + ' ' + name;
};
const text = (value, kind) =>
  kind === 'percent' ? (100 * value).toFixed(1) + '%'
  : kind === 'index' ? value.toFixed(3)
  : Number(value.toPrecision(3)).toLocaleString('en');
const linesOf = (chart) => [...chart.querySelectorAll('path[data-name]')].map((path) => ({
  name: path.dataset.name,
  id: path.id,
  on: path.dataset.on,
  points: path.getAttribute('d').split(/[^0-9]+/).filter((part) => part !== '').map(Number),
}));
const nearest = (points, x) => {
  let best = 0;
  for (let at = 0; at < points.length; at += 2)
    if (Math.abs(points[at] - x) < Math.abs(points[best] - x)) best = at;
  return best;
};
const guides = [];
const clear = () => {
  for (const guide of guides.splice(0)) guide.remove();
  readout.hidden = true;
};
const row = (name, value) => {
  const line = document.createElement('div');
  const left = document.createElement('span');
  const right = document.createElement('bdi');
  left.textContent = name;
  right.textContent = value;
  line.append(left, right);
  return line;
};
const show = (chart, lines, part, left, top) => {
  clear();
  const x = Math.min(extent, Math.max(0, part * extent));
  for (const other of chart.closest('section').querySelectorAll('svg.chart')) {
    const guide = document.createElementNS(svgns, 'line');
    guide.setAttribute('class', 'guide');
    for (const end of ['x1', 'x2']) guide.setAttribute(end, (100 * x) / extent + '%');
    guide.setAttribute('y2', other.getAttribute('height'));
    other.append(guide);
    guides.push(guide);
  }
  const { end, top: highest, kind } = chart.dataset;
  const title = document.createElement('b');
  title.textContent = duration((x / extent) * end);
  const heights = new Map(lines.map(({ id, points }) => [id, 1 - points[nearest(points, x) + 1] / extent]));
  const told = lines.map(({ id, name, on }) => ({ name, value: highest * (heights.get(id) - (heights.get(on) ?? 0)) }));
  const rows = told.sort((a, b) => b.value - a.value).slice(0, 12).map(({ name, value }) => row(name, text(value, kind)));
  readout.replaceChildren(title, ...rows);
  readout.hidden = false;
  const box = readout.getBoundingClientRect();
  const room = document.documentElement.clientWidth;
  readout.style.left = Math.max(8, left + 16 + box.width > room ? left - 16 - box.width : left + 16) + 'px';
  readout.style.top = Math.max(8, Math.min(top + 16, innerHeight - box.height - 8)) + 'px';
};
for (const chart of document.querySelectorAll('svg.chart')) {
  const lines = linesOf(chart);
  if (lines.length === 0) continue;
  // The browser would show the title over the values.
  const title = chart.querySelector('title');
  chart.setAttribute('aria-label', title.textContent);
  chart.setAttribute('aria-describedby', chart.id + '-d');
  chart.removeAttribute('aria-labelledby');
  title.remove();
  chart.tabIndex = 0;
  let part = 0.5;
  const at = (clientX, clientY) => {
    const box = chart.getBoundingClientRect();
    part = (clientX - box.left) / box.width;
    show(chart, lines, part, clientX, clientY);
  };
  chart.addEventListener('pointermove', (event) => at(event.clientX, event.clientY));
  chart.addEventListener('pointerdown', (event) => at(event.clientX, event.clientY));
  chart.addEventListener('pointerleave', clear);
  chart.addEventListener('blur', clear);
  chart.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -0.01, ArrowRight: 0.01 }[event.key];
    if (event.key === 'Escape') clear();
    if (step === undefined) return;
    event.preventDefault();
    const box = chart.getBoundingClientRect();
    part = Math.min(1, Math.max(0, part + (event.shiftKey ? 10 : 1) * step));
    show(chart, lines, part, box.left + part * box.width, box.top);
  });
}
})();
`;

/** What the page allows to run and to be a style: these, and nothing else that may have come into it. */
export const hashes: { readonly script: string; readonly style: string } = {
  script: 'sha256-Vm/sBEhuLTzcbj3LyI/Z3TFIV3ALlfXQmUtwE6xpNc0=',
  style: 'sha256-hEaWtz8FfCTlRlfoDaMYAGezJZpboewVz0DL7pqVM8I=',
};
