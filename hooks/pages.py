"""The pages and files that no author writes: what editors read, pictures for links, the front page.

No logic of its own; ``card.py`` beside this file draws, the rest is in ``probes``.
"""

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from probes import schema


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Publish the schemas of definitions and settings."""
    for name, content in schema.written().items():
        files.append(File.generated(config, f"schema/{name}", content=content))
    return files
