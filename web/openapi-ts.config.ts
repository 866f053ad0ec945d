import { defineConfig } from '@hey-api/openapi-ts'

export default defineConfig({
  input: '../openapi.json',
  output: { path: 'src/api/generated', postProcess: [] },
  plugins: [{ name: '@hey-api/typescript' }, { name: '@hey-api/sdk' }, { name: '@hey-api/client-fetch' }],
})
