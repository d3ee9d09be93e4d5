"""What we ask of a page, in JavaScript; it runs in a world that the page's scripts cannot reach."""

from importlib import resources

MOST_DOCUMENT, MOST_TEXT = 4 * 1024 * 1024, 256 * 1024
"""Characters of each that are asked for."""
TEXT = f"(document.body ? document.body.innerText : '').slice(0, {MOST_TEXT})"
DOCUMENT = (
    "((document.doctype ? new XMLSerializer().serializeToString(document.doctype) + '\\n' : '')"
    " + (document.documentElement ? document.documentElement.outerHTML : ''))"
    f".slice(0, {MOST_DOCUMENT})"
)
SCROLL = """(async () => {
  const end = Math.min(document.documentElement.scrollHeight, %d);
  for (let y = 0, n = 0; y < end && n < 20; y += 800, n++) {
    scrollTo(0, y); await new Promise(done => setTimeout(done, 20));
  }
  scrollTo(0, 0);
})()"""
SETTLED = """(async () => {
  for (let n = 0; n < 2; n++)
    await Promise.race([new Promise(requestAnimationFrame), new Promise(r => setTimeout(r, 200))]);
  const page = document.documentElement, body = document.body;
  return Math.max(page ? page.scrollHeight : 0, body ? body.scrollHeight : 0);
})()"""


def mask() -> str:
    """The function that hides what is to be hidden (``mask.js``)."""
    return (resources.files("sotokara.network") / "mask.js").read_text("utf-8")
