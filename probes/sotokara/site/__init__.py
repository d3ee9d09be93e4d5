"""One build of a site: pages in, figures and published evidence out, for any generator."""
