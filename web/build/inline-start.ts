// The two scripts that stand in the page itself: what the policy of the page knows by their hashes (the server reads them
// off the page). The first chooses the theme before anything is drawn; the second, in place of a script element that names
// a file, loads the app. What these load may run, and no other file, whoever put it where it is served.
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

const ENTRY = /\s*<script type="module" crossorigin src="([^"]+)"><\/script>/

export function inlineStart(): Plugin {
  const scheme = readFileSync(new URL('../src/app/scheme.js', import.meta.url), 'utf8').replace(/^\/\/.*\n/, '')
  return {
    name: 'cardwright-inline-start',
    transformIndexHtml: {
      order: 'post',
      handler(page) {
        const themed = page.replace('<!-- scheme -->', () => `<script>${scheme.trim()}</script>`)
        const address = ENTRY.exec(themed)?.[1]
        const made = address
          ? themed
              .replace(ENTRY, `\n    <link rel="modulepreload" crossorigin href="${address}">`)
              .replace('</body>', `  <script>import(${JSON.stringify(address)})</script>\n  </body>`)
          : themed
        if (address && made.includes('<script ')) {
          throw new Error('The page names a script that its policy would refuse.')
        }
        return made
      },
    },
  }
}
