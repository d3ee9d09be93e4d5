"""Texts that cost a reader of old listings much: long lines, and many lines that are alike."""

from collections.abc import Callable

LINES: dict[str, Callable[[int], str]] = {
    "blanks": lambda n: f"a{' ' * n}b\n",
    "tabs": lambda n: f"a{chr(9) * n}b\n",
    "blanks behind a record": lambda n: f"a.example has address 192.0.2.1{' ' * n}b\n",
    "blanks behind a hop": lambda n: f" 1  192.0.2.1  1 ms{' ' * n}b\n",
    "pairs of blanks": lambda n: "a  " * (n // 3) + "\n",
    "one word": lambda n: "a" * n + "\n",
    "numbers": lambda n: "1." * (n // 2) + "\n",
    "stars": lambda n: "* " * (n // 2) + "\n",
    "a mask": lambda n: "*" * n + "\n",
    "arrows": lambda n: " <" * (n // 2) + "\n",
    "remark": lambda n: f" <{'あ' * n}<\n",
    "brackets": lambda n: "(" * n + ")\n",
    "tags": lambda n: "<b " * (n // 3) + "\n",
    "quoted": lambda n: '"a" ' * (n // 4) + "\n",
    "times": lambda n: f" 1  192.0.2.1  {'1 ms ' * (n // 5)}\n",
    "codes": lambda n: f"<a@b.example>: host x said: {'550 ' * (n // 4)}\n",
    "json": lambda n: "[" * n + "\n",
}
ALIKE = {
    "Trying": "Trying 192.0.2.1...",
    "domain": "Domain Name:",
    "name": "Name: a{}.example",
    "hop": " 1  192.0.2.1  1 ms",
    "open record": "a.example. 3600 IN SOA (",
    "banner": "; <<>> DiG 9.18 <<>> a.example",
    "server": "Server: x",
    "recipient": "Final-Recipient: rfc822; a@b.example",
    "tracert": "Tracing route to a.example [192.0.2.1]",
    "traceroute": "traceroute to a.example (192.0.2.1), 30 hops max",
    "command": "$ dig a{}.example",
    "brace": "{{",
    "yaml": "- type: MESSAGE",
    "mtr": "My traceroute  [v0.92]",
    "debug": "------------",
    "text": "a.example text =",
    "csv": "MTR.0.94,1,OK,a.example,1,192.0.2.1,0",
    "session": "354 go",
    "remarks": "Address: 192.0.2.1  # r{}",
    "prose": "The answer of 192.0.2.1, says somebody, was: no route to host.",
    "sentence": "a{}.example.com has address 192.0.2.1",
    "record": "a{}.example.com. 3600 IN A 192.0.2.1",
    "key": "Registrant Name: Jane Roe",
    "three letters": "abc",
    "one letter": "a",
    "nothing": "",
    "digits": "12 34 56",
    "Japanese": "これは日本語の文章です。名前: テスト",
}
"""Lines, of which each could begin a listing or go on with one; ``{}``: their number."""


def alike(what: str, count: int) -> str:
    """So many lines of one form."""
    text = ALIKE[what]
    return "\n".join(text.replace("{}", str(n)) for n in range(count))
