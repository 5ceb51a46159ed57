import { hashes, hover } from './hover.js';
import { markup, Markup } from './markup.js';
import { style } from './style.js';

/** The whole document. It asks for nothing from elsewhere, and forbids that anything in it does. */
export function page(title: string, body: Markup): string {
  const policy = `default-src 'none'; style-src '${hashes.style}'; script-src '${hashes.script}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
${markup`<html lang="en">
  <head>
    <meta charset="utf-8"/>
    <meta http-equiv="Content-Security-Policy" content="${policy}"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <meta name="referrer" content="no-referrer"/>
    <title>${title}</title>
    <style>${new Markup(style)}</style>
  </head>
  <body>
    ${body}
    <script>${new Markup(hover)}</script>
  </body>
</html>`.toString()}
`;
}
