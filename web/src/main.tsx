import '@fontsource-variable/geist/wght.css'
import '@fontsource-variable/geist-mono/wght.css'
import '@fontsource-variable/noto-sans-arabic/wght.css'
import '@mantine/core/styles.layer.css'
import 'virtual:theme.css'
import '@/app/global.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { configureClient } from '@/api/client'
import { App } from '@/app/app'
import { fetchAhead } from '@/app/router'
import { loadTexts } from '@/lib/i18n'

configureClient()
fetchAhead()

const root = document.querySelector('#root')
if (root) {
  // Nothing appears in one language and then in another.
  await loadTexts('base')
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
