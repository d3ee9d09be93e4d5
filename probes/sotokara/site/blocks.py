"""Blocks of articles: their titles, in the page's language."""

import xml.etree.ElementTree as ET

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from sotokara.core.labels import labels

BLOCKS = ("findings", "methods", "limits", "sources", "corrections", "reply")


class Titles(Treeprocessor):
    """Puts the names in; ``lang`` is the language they are written in."""

    def __init__(self, md: Markdown, lang: str) -> None:
        super().__init__(md)
        self.lang = lang

    def run(self, root: ET.Element) -> None:
        """Replace the titles that the admonition extension made of the blocks' class names."""
        words = labels(self.lang)
        for block in root.iter("div"):
            kinds = block.get("class", "").split()
            name = next((one for one in BLOCKS if one in kinds), None)
            title = block.find("p")
            if name is None or "admonition" not in kinds or title is None:
                continue
            if title.get("class") == "admonition-title" and title.text == name.capitalize():
                title.text = words[f"block_{name}"]
