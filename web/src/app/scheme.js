// Before anything is drawn: the theme, the language and the direction that were chosen, so that nothing flashes.
;(function () {
  const root = document.documentElement
  const chosen = localStorage.getItem('cardwright-scheme') ?? 'auto'
  const isDark = chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.dataset.mantineColorScheme = isDark ? 'dark' : 'light'
  const locale = localStorage.getItem('cardwright-locale') ?? navigator.language.slice(0, 2)
  root.lang = ['en', 'de', 'ar'].includes(locale) ? locale : 'en'
  root.dir = root.lang === 'ar' ? 'rtl' : 'ltr'
})()
