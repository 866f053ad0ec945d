// Beside each file of the build its compressed twins, for a server that sends them as they are.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXTUAL = /\.(?:js|css|html|svg|json)$/
const SMALLEST_BYTES = 512

export function compress(): Plugin {
  let folder = ''
  return {
    name: 'cardwright-compress',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    async closeBundle() {
      const names = await readdir(folder, { recursive: true })
      await Promise.all(names.filter((name) => TEXTUAL.test(name)).map((name) => pack(join(folder, name))))
    },
  }
}

async function pack(file: string): Promise<void> {
  const content = await readFile(file)
  if (content.byteLength < SMALLEST_BYTES) {
    return
  }
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
  await Promise.all([
    writeFile(`${file}.br`, brotliCompressSync(content, best)),
    writeFile(`${file}.gz`, gzipSync(content, { level: 9 })),
  ])
}
