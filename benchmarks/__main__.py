"""`make bench`: what the product must be fast at, each beside its physical limit.

Each line is `RATIO name value goal HELD|MISSED`; both sides are measured in the same run. Arguments
choose benchmarks by name and sizes: `make bench ARGS="growth STOCK_ROWS=10000000"`.
"""

import os
import secrets
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import django

# Loading the year wants an empty database; growth begins before the stock is at full size.
EMPTY = ("year",)
FILLED = ("growth", "lists", "export", "search", "audit", "reports", "availability")
LAST = ("posting", "drain", "asn", "counts", "transfers", "imports")

DEFAULTS = {
    "DJANGO_SETTINGS_MODULE": "omnichannel.settings",
    "LOG_LEVEL": "WARNING",
    # Nobody has collected static files into a throwaway folder.
    "STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
    "STATIC_ROOT": str(Path(__file__).parent.parent / "static"),
}


def main(words: list[str]) -> int:
    os.environ.update(dict(word.split("=", 1) for word in words if "=" in word))
    chosen = {word for word in words if "=" not in word}
    if unknown := chosen - {*EMPTY, *FILLED, *LAST}:
        print(f"No benchmark {', '.join(sorted(unknown))}: {', '.join((*EMPTY, *FILLED, *LAST))}")
        return 2
    django.setup()
    missed = 0
    for name in (*EMPTY, *FILLED, *LAST):
        if not chosen or name in chosen:
            for figure in figures(name):
                print(figure, flush=True)
                missed += not figure.is_held
    return min(missed, 1)


def figures(name: str) -> Iterator:
    # Models exist only after setup, so benchmarks are imported late.
    benchmark = import_module(f"benchmarks.{name}")
    if name not in FILLED:
        return benchmark.run()
    asked = import_module("benchmarks.sizes").from_environment()
    print(asked.announce(), flush=True)
    return benchmark.run(asked)


if __name__ == "__main__":
    # Of this run: the web server that is measured reads its sessions.
    for name, value in {**DEFAULTS, "SECRET_KEY": secrets.token_hex()}.items():
        os.environ.setdefault(name, value)
    sys.exit(main(sys.argv[1:]))
