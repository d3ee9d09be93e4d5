// Material makes a landmark of each copy button, all without a name.
let copies = 0
new MutationObserver(() => {
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([aria-label])"))
    nav.setAttribute("aria-label", `${nav.querySelector("button")?.title ?? ""} ${++copies}`)
}).observe(document.documentElement, { childList: true, subtree: true })
// Material opens every fold for print. What a reader opened is marked before that; the rest stays closed.
addEventListener("beforeprint", () => {
  document.documentElement.dataset.probePrint = ""
  for (const fold of document.querySelectorAll(".probe details"))
    fold.toggleAttribute("data-asked", fold.open)
}, true)
