"""How often Python looks for what refers to itself in a circle, which our data does not."""

from __future__ import annotations

import gc
from typing import Final

_NEW_OBJECTS: Final = 50_000
"""A piece of an import makes tens of thousands that all go at once; Python's own 700 has it look dozens of times, and
each time at all that the libraries keep as well."""


def settle() -> None:
    """For a process that has loaded what it needs: that is looked at no more, and new objects less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
