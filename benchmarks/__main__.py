"""`make bench`: what the product must be fast at, each beside its physical limit.

Each line is `RATIO name value goal HELD|MISSED`; both sides are measured in the same run.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichannel.settings")


def main() -> int:
    django.setup()
    from benchmarks import posting, year  # noqa: PLC0415 — models exist only after setup

    chosen = set(sys.argv[1:])
    missed = 0
    for benchmark in (year, posting):
        name = benchmark.__name__.rpartition(".")[2]
        if chosen and name not in chosen:
            continue
        for ratio in benchmark.run():
            print(ratio, flush=True)
            missed += not ratio.is_held
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
