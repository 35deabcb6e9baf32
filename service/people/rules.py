"""What identifies a person."""

from __future__ import annotations

import re

from stdnum.nl import bsn

_NINE_DIGITS = re.compile(r"[0-9]{9}")


def is_bsn(value: str) -> bool:
    """Whether `value` is a citizen service number: exactly nine digits that pass the 11-check, not all zeros.

    The form is looked at first: the library strips separators and adds leading zeros, so that one number would have
    several spellings.
    """
    return _NINE_DIGITS.fullmatch(value) is not None and value != "000000000" and bsn.checksum(value) == 0
