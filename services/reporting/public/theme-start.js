// Before the first paint, so that a dark page does not begin with a flash.
try {
  document.documentElement.dataset.theme = localStorage.getItem('asinstream.theme') ?? 'auto'
} catch {
  // A browser that keeps nothing goes by the system's theme.
  document.documentElement.dataset.theme = 'auto'
}
