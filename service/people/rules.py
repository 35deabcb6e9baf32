"""What identifies a person."""

from __future__ import annotations

import re

_NINE_DIGITS = re.compile(r"[0-9]{9}")
_WEIGHT_OF_ZEROS = ord("0") * (9 + 8 + 7 + 6 + 5 + 4 + 3 + 2 - 1)


def is_bsn(value: str) -> bool:
    """Whether `value` is a citizen service number: exactly nine digits that pass the 11-check, not all zeros.

    The check is written out, since it is made for each row of a file. A library would also strip separators and add
    leading zeros, so that one number had several spellings.
    """
    if _NINE_DIGITS.fullmatch(value) is None or value == "000000000":
        return False
    a, b, c, d, e, f, g, h, i = value.encode()
    return (9 * a + 8 * b + 7 * c + 6 * d + 5 * e + 4 * f + 3 * g + 2 * h - i - _WEIGHT_OF_ZEROS) % 11 == 0
