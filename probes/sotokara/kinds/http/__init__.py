"""What a web server shows to a visitor: each hop, its headers, what the page is."""
