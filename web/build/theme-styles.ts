// The theme's variables as a stylesheet made by the build: at run time no style element is written, so the policy of the
// page can forbid all that are not files of ours.
import { convertCssVariables, deepMerge, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core'
import type { Plugin } from 'vite'

import tokens from '../design/tokens.json' with { type: 'json' }
import { cssVariablesResolver, theme } from '../src/app/theme.ts'

const ADDRESS = 'virtual:theme.css'

function declarations(of: 'light' | 'dark'): string {
  const colours = Object.entries(tokens.colour[of]).map(([name, value]) => `--cw-${name}: ${value};`)
  const hues = Object.entries(tokens.hue).map(([name, pair]) => `--cw-hue-${name}: ${pair[of === 'light' ? 0 : 1]};`)
  return [...colours, ...hues].join(' ')
}

function fixed(): string {
  const radii = Object.entries(tokens.radius).map(([name, value]) => `--cw-radius-${name}: ${value};`)
  const faces = Object.entries(tokens.face).flatMap(([name, [from, to]]) => [
    `--cw-face-${name}-from: ${from};`,
    `--cw-face-${name}-to: ${to};`,
  ])
  const fonts = [`--cw-font: ${tokens.font.text};`, `--cw-font-figures: ${tokens.font.figures};`]
  return [...radii, ...faces, ...fonts].join(' ')
}

function stylesheet(): string {
  const whole = mergeMantineTheme(DEFAULT_THEME, theme)
  const variables = deepMerge(defaultCssVariablesResolver(whole), cssVariablesResolver(whole))
  const mantine = convertCssVariables(variables, ':root')
  return `${mantine}
:root { ${fixed()} }
:root[data-mantine-color-scheme='light'] { --mantine-color-scheme: light; }
:root[data-mantine-color-scheme='light'], [data-scheme='light'] { ${declarations('light')} }
:root[data-mantine-color-scheme='dark'] { --mantine-color-scheme: dark; }
:root[data-mantine-color-scheme='dark'], [data-scheme='dark'] { ${declarations('dark')} }`
}

export function themeStyles(): Plugin {
  let file = ''
  return {
    name: 'cardwright-theme-styles',
    configResolved(config) {
      file = `${config.root}/theme-variables.css`
    },
    resolveId: (id) => (id === ADDRESS ? file : undefined),
    load: (id) => (id === file ? stylesheet() : undefined),
  }
}
