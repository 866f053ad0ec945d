// Mantine in our colours. Every colour comes from design/tokens.json, which other front ends can share.
import {
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
} from '@mantine/core'

import tokens from '../../design/tokens.json' with { type: 'json' }



export const theme: MantineThemeOverride = createTheme({
  colors: { brand: tokens.brand as unknown as MantineColorsTuple, dark: tokens.ink as unknown as MantineColorsTuple },
  primaryColor: 'brand',
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  cursorType: 'pointer',
  defaultRadius: 'md',
  focusRing: 'auto',
  respectReducedMotion: true,
  fontFamily: tokens.font.text,
  fontFamilyMonospace: tokens.font.figures,
  headings: { fontFamily: tokens.font.text, fontWeight: '620' },
  radius: { sm: tokens.radius.small, md: tokens.radius.medium, lg: tokens.radius.large },
  components: {
    // Locking the page's scrolling would write a style element, which the policy forbids; global.css does it instead.
    Modal: { defaultProps: { lockScroll: false, radius: 'lg', centered: true, padding: 'lg', overlayProps: { blur: 3 } } },
    Drawer: { defaultProps: { lockScroll: false } },
    Button: { defaultProps: { size: 'md' } },
    TextInput: { defaultProps: { size: 'md' } },
    PasswordInput: { defaultProps: { size: 'md' } },
    Select: { defaultProps: { size: 'md', checkIconPosition: 'right' } },
    Textarea: { defaultProps: { size: 'md', autosize: true, minRows: 2 } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
  },
})

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {
    '--mantine-line-height': '1.5',
  },
  light: {
    '--mantine-color-body': tokens.colour.light.surface,
    '--mantine-color-text': tokens.colour.light.text,
    '--mantine-color-dimmed': tokens.colour.light.dim,
    '--mantine-color-placeholder': tokens.colour.light.dim,
    '--mantine-color-anchor': tokens.colour.light.accent,
    '--mantine-color-error': tokens.colour.light.negative,
    '--mantine-color-disabled': tokens.colour.light.sunken,
    '--mantine-color-disabled-color': tokens.colour.light.dim,
    '--mantine-color-disabled-border': tokens.colour.light.line,
    '--mantine-color-default-border': tokens.colour.light.line,
    '--mantine-color-brand-light': tokens.colour.light['accent-soft'],
    '--mantine-color-brand-light-color': tokens.colour.light['accent-strong'],
    '--mantine-color-red-light': tokens.colour.light['negative-soft'],
    '--mantine-color-red-light-color': tokens.colour.light.negative,
  },
  dark: {
    '--mantine-color-body': tokens.colour.dark.surface,
    '--mantine-color-text': tokens.colour.dark.text,
    '--mantine-color-dimmed': tokens.colour.dark.dim,
    '--mantine-color-placeholder': tokens.colour.dark.dim,
    '--mantine-color-anchor': tokens.colour.dark.accent,
    '--mantine-color-error': tokens.colour.dark.negative,
    '--mantine-color-disabled': tokens.colour.dark.sunken,
    '--mantine-color-disabled-color': tokens.colour.dark.dim,
    '--mantine-color-disabled-border': tokens.colour.dark.line,
    '--mantine-color-default': tokens.colour.dark.sunken,
    '--mantine-color-default-hover': tokens.colour.dark.line,
    '--mantine-color-default-border': tokens.colour.dark.line,
    '--mantine-color-brand-light': tokens.colour.dark['accent-soft'],
    '--mantine-color-brand-light-color': tokens.colour.dark['accent-strong'],
    '--mantine-color-red-light': tokens.colour.dark['negative-soft'],
    '--mantine-color-red-light-color': tokens.colour.dark.negative,
  },
})
