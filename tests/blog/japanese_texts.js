// Every text of the page that is in Japanese: what is read, and what is read out.
() => {
  const texts = []
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ALL)
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.nodeType === 1 ? node : node.parentElement
    if (element.closest("script, style, code, svg")) continue
    if (element.closest("[lang]").lang !== "ja") continue
    if (node.nodeType === 3) texts.push(node.data)
    if (node.nodeType === 1)
      for (const name of ["title", "aria-label", "placeholder", "alt"])
        texts.push(node.getAttribute(name) ?? "")
  }
  return texts.map(text => text.trim()).filter(text => text)
}
