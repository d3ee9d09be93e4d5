"""What authors write: a fence, its YAML mapping, its place in the page."""
