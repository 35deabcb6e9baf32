"""Making what we know fit where less room is: text by cutting at a word, hours by leaving out parts of hours."""

from __future__ import annotations

import math
from decimal import Decimal


def shortened(text: str, longest: int) -> str:
    """At most `longest` characters of the text: whole words, unless already the first one is longer."""
    text = text.strip()
    if len(text) <= longest:
        return text
    words = text[: longest + 1].rstrip()
    if len(words) <= longest:
        return words
    kept = text[:longest]
    at = max((place for place, character in enumerate(kept) if character.isspace()), default=0)
    return kept[:at].rstrip() or kept


def whole_hours(least: Decimal | float, most: Decimal | float) -> tuple[int, int]:
    """Whole hours a week that all lie between `least` and `most`, so that none is promised that is not there.

    Where no whole hour lies between (28.5 to 28.5), the whole hours of `most`: rather too few than too many.
    """
    high = math.floor(most)
    return min(math.ceil(least), high), high
