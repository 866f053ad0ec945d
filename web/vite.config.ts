import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

import { compress } from './build/compress.ts'
import { inlineStart } from './build/inline-start.ts'
import { themeStyles } from './build/theme-styles.ts'

/** The page itself and what it loads: captured into a group, it would leave several scripts to name in the page. */
const ENTRY = /(?:\/src\/main\.tsx|\.html)$/

export default defineConfig({
  plugins: [react(), themeStyles(), inlineStart(), compress()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  build: {
    manifest: true,
    target: 'es2023',
    // Fonts and pictures as files: the policy allows no font from a data address.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What every page needs comes in one file: on a phone each further one costs a round trip.
            { name: 'start', tags: ['$initial'], test: (id) => !ENTRY.test(id), priority: 1 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/v1': process.env['CARDWRIGHT_API'] ?? 'http://127.0.0.1:8000' } },
  test: { environment: 'jsdom', setupFiles: ['tests/setup.ts'], include: ['{src,tests}/**/*.test.{ts,tsx}'] },
})
