import { palette, paper } from './looks.js';

const dark = {
  ink: '#e4e7eb',
  soft: '#a3acb7',
  rule: '#2c3138',
  grid: '#262b31',
  faint: '#5d6773',
  shade: 'rgb(255 255 255/.13)',
};
const light = {
  ink: '#1b1f24',
  soft: '#586270',
  rule: '#d9dee4',
  grid: '#e9edf1',
  faint: '#a6afba',
  shade: 'rgb(0 0 0/.13)',
};

function colours(scheme: 'light' | 'dark', tones: typeof light): string {
  const named = { paper: paper[scheme], ...tones };
  return [
    ...Object.entries(named).map(([name, colour]) => `--${name}:${colour}`),
    ...palette[scheme].map((colour, at) => `--c${at}:${colour}`),
  ].join(';');
}

const looks = palette.light.map((_, at) => `.c${at}{--c:var(--c${at})}`).join('\n');

/** The sheet of the page: all of it, for the page loads nothing. */
export const style: string = `
:root{color-scheme:light dark;${colours('light', light)}}
@media (prefers-color-scheme:dark){:root{${colours('dark', dark)}}}
${looks}
.grey{--c:var(--faint)}
.ink{--c:var(--ink)}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:1080px;margin:0 auto;padding:0 24px}
header{padding-top:56px}
footer{padding-top:40px;padding-bottom:64px;color:var(--soft);font-size:13px}
h1{font-size:30px;line-height:1.2;font-weight:650;letter-spacing:-.015em;margin:0 0 20px;text-wrap:balance}
h2{font-size:21px;line-height:1.3;font-weight:650;letter-spacing:-.01em;margin:0 0 6px}
h3{font-size:15px;line-height:1.4;font-weight:600;margin:28px 0 4px}
h3 small,figcaption small{font-weight:400;color:var(--soft);font-size:inherit}
p{margin:0 0 12px;max-width:84ch}
.kicker{margin:0 0 8px;color:var(--soft);font-size:13px;letter-spacing:.02em}
.about,.faint{color:var(--soft);font-size:14px}
section{padding-top:56px}
dl.facts{display:flex;flex-wrap:wrap;gap:16px 40px;margin:0;padding:16px 0;border-top:1px solid var(--rule);border-bottom:1px solid var(--rule)}
dl.facts div{flex:1 1 auto;min-width:min(110px,100%);max-width:300px}
dt{color:var(--soft);font-size:12.5px}
dd{margin:0;font-variant-numeric:tabular-nums}
dd small{display:block;color:var(--soft);font-size:12.5px}
ul.found{margin:8px 0 0;padding:0;list-style:none;max-width:76ch;font-size:16px}
ul.found li{padding:9px 0 9px 18px;position:relative}
ul.found li::before{content:"";position:absolute;left:0;top:19px;width:6px;height:6px;border-radius:50%;background:var(--c0)}
strong{font-weight:650}
nav{margin-top:20px;font-size:14px;color:var(--soft)}
nav a{color:inherit;text-underline-offset:3px;text-decoration-color:var(--faint);margin-right:16px;white-space:nowrap}
a:focus-visible,.scroll:focus-visible,.chart:focus-visible{outline:2px solid var(--c0);outline-offset:3px;border-radius:2px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;margin:10px 0 4px;padding:0;font-size:13px;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:7px;min-width:0}
.key{flex:none;display:block}
.panels{display:grid;gap:8px 28px;margin-top:10px}
.panels.half{grid-template-columns:repeat(2,minmax(0,1fr))}
.panels.third{grid-template-columns:repeat(3,minmax(0,1fr))}
figure{margin:0;padding:6px 0 10px;min-width:0}
figcaption{font-size:13.5px;font-weight:600;margin:0 0 10px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.plot{margin:0 18px 0 46px;padding:4px 0 24px}
svg.chart{display:block;width:100%;overflow:visible;cursor:crosshair}
svg text{font-size:11.5px;fill:var(--soft);font-variant-numeric:tabular-nums}
.axis line{stroke:var(--grid);shape-rendering:crispEdges}
.axis line.tick{stroke:var(--faint)}
text.x{text-anchor:middle}
text.y{text-anchor:end}
.line path{fill:none;stroke:var(--c);stroke-width:1.5;stroke-linejoin:round}
.line.dashed path{stroke-dasharray:6 3}
.grey path{fill:none;stroke:var(--faint);stroke-width:1;opacity:.6}
.ghost{fill:none;stroke:var(--faint);stroke-width:1}
.ghost path{fill:none;stroke:var(--faint);stroke-width:1}
.chart .ghost path,.ghost use{opacity:.8}
.area path{fill:var(--c);fill-opacity:.24}
.dot path{fill:var(--c);stroke:var(--paper);stroke-width:1}
.dot.hollow path{fill:var(--paper);stroke:var(--c0);stroke-width:1.8}
.dot.dashed path{fill:var(--paper);stroke:var(--c);stroke-width:1.8}
.mark,.drawn{overflow:visible}
.guide{stroke:var(--soft);stroke-width:1;shape-rendering:crispEdges}
.scroll{overflow-x:auto;margin:10px 0 24px;background:linear-gradient(to left,var(--paper) 40%,transparent) 100% 0/48px 100% no-repeat local,linear-gradient(to left,var(--shade),transparent) 100% 0/12px 100% no-repeat scroll}
table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.4;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--ink);font-weight:600;padding:8px 0 6px;max-width:72ch}
th,td{padding:5px 0 5px 22px;text-align:right;font-weight:400;vertical-align:baseline;border-bottom:1px solid var(--grid)}
td{white-space:nowrap}
thead th{color:var(--soft);font-size:12.5px;vertical-align:bottom;border-bottom:1px solid var(--rule);min-width:72px}
thead th small{display:block;font-size:12px;color:var(--ink)}
th:first-child{padding-left:0;text-align:left}
.words{text-align:left}
tbody th{overflow-wrap:break-word;min-width:120px;max-width:260px}
thead th{overflow-wrap:break-word;max-width:150px}
tr.title th{padding-top:18px;font-weight:600;font-size:13px;text-align:left}
tbody:first-of-type tr.title th{padding-top:8px}
table.figures{width:auto;min-width:min(100%,520px)}
table.figures thead th{color:var(--ink);font-weight:600;font-size:13.5px;min-width:110px}
table.strips td,table.strips th{vertical-align:middle}
table{overflow-wrap:normal}
table.strips tbody th{min-width:0;max-width:220px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
table.strips .strip{width:99%;padding-top:0;padding-bottom:0}
table.strips thead th{vertical-align:bottom}
svg.strip{display:block;width:100%;overflow:visible}
.bar{stroke:var(--faint);stroke-width:2}
.swatch{display:inline-block;width:9px;height:9px;border-radius:2px;margin-right:8px;background:var(--c)}
.swatch.dashed{background:none;border:2px solid var(--c)}
.readout{position:fixed;z-index:2;pointer-events:none;background:var(--paper);color:var(--ink);border:1px solid var(--rule);border-radius:5px;box-shadow:0 4px 16px rgb(0 0 0/.16);padding:7px 10px;font-size:12.5px;line-height:1.45;font-variant-numeric:tabular-nums;max-width:280px}
.readout[hidden]{display:none}
.readout b{display:block;font-weight:600;margin-bottom:2px}
.readout div{display:flex;justify-content:space-between;gap:16px}
.readout span{min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;color:var(--soft)}
dl.terms{max-width:76ch;margin:12px 0 0;font-size:14px}
dl.terms dt{color:var(--ink);font-weight:600;font-size:14px;margin-top:12px}
dl.terms dd{color:var(--soft)}
dl.terms+p{margin-top:20px}
@media screen and (max-width:760px){
main,header,footer{padding-left:16px;padding-right:16px}
header{padding-top:32px}
section{padding-top:44px}
h1{font-size:24px}
dl.facts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px 24px}
.panels.half,.panels.third{grid-template-columns:minmax(0,1fr)}
.rare{display:none}
.wide{display:none}
tr:not(.title)>th:first-child{position:sticky;left:0;z-index:1;background:var(--paper);background-clip:padding-box}
th,td{padding-left:14px}
thead th{min-width:60px}
table.figures thead th{min-width:84px}
table.strips tbody th{max-width:104px}
caption{max-width:calc(100vw - 32px)}
}
@media print{
:root{color-scheme:light;${colours('light', light)}}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{font-size:10.5pt}
main,header,footer{max-width:none;padding:0}
header{padding-top:0}
section{padding-top:26pt}
nav,.readout{display:none}
section,figure,tr,ul.found li{break-inside:avoid}
h2,h3,.about,caption,.legend{break-after:avoid}
thead{display:table-header-group}
.scroll{overflow:visible;background:none}
}
`;
