// Material makes a landmark of each copy button, all without a name.
let copies = 0
new MutationObserver(() => {
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([aria-label])"))
    nav.setAttribute("aria-label", `${nav.querySelector("button")?.title ?? ""} ${++copies}`)
}).observe(document.documentElement, { childList: true, subtree: true })
