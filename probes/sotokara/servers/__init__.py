"""Small servers on loopback: DNS, whois, the web for RDAP, and mail.

A build starts them for definitions with ``from: sandbox``, and the tests ask them too. They listen
on 127.0.0.1 alone, on ports that the system gives. The wheel leaves this room out: a blog of an
author's own has none of it (docs/decisions/0148).
"""
