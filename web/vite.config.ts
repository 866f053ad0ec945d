import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

import { compress } from './build/compress.ts'
import { inlineStart } from './build/inline-start.ts'
import { themeStyles } from './build/theme-styles.ts'

export default defineConfig({
  plugins: [react(), themeStyles(), inlineStart(), compress()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  build: {
    manifest: true,
    target: 'es2023',
    // Fonts and pictures as files: the policy allows no font from a data address.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': process.env['CARDWRIGHT_API'] ?? 'http://127.0.0.1:8000' } },
  test: { environment: 'jsdom', setupFiles: ['tests/setup.ts'], include: ['{src,tests}/**/*.test.{ts,tsx}'] },
})
