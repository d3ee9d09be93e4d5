"""The only room that opens sockets: DNS, whois, HTTP, SMTP, traceroute; policy, limits, control."""
