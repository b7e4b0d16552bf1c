"""Reads dates from saved pages with htmldate, for `cargo xtask bench extract`.

Takes the folder of the pages as its argument and a JSON list of {"file", "url"} on its input;
prints a JSON list of {"found", "published", "ms"} in the same order.
"""

import json
import logging
import pathlib
import sys
import time

from htmldate import find_date
from htmldate.utils import load_html

logging.disable(logging.CRITICAL)


def read(folder, page):
    body = (folder / page["file"]).read_bytes()
    # What it cannot decode or parse has no date.
    answers = []
    begun = time.perf_counter()
    for original in (False, True):
        try:
            tree = load_html(body)
            found = find_date(tree, original_date=original, url=page["url"])
        except Exception:  # noqa: BLE001
            found = None
        answers.append((found, (time.perf_counter() - begun) * 1e3))
    (found, ms), (published, _) = answers
    return {"found": found, "published": published, "ms": ms}


folder = pathlib.Path(sys.argv[1])
json.dump([read(folder, page) for page in json.load(sys.stdin)], sys.stdout)
