"""Kind ``page``: what a web page looks like, says and loads in a browser."""
