"""Finding labels by what somebody types, best first."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from service.reference.tables import plain_words


class LabelIndex:
    """Labels in order of preference, each pointing at a thing by its key; one thing may have many labels.

    Which labels match best: the query itself, then labels that begin with it, then those in which each of its words
    begins a word, then those in which each of its words stands somewhere. Among equals the order of preference
    decides. Case, accents and punctuation do not matter.
    """

    def __init__(self, labels_and_keys: Iterable[tuple[str, str]]) -> None:
        self._keys: list[str] = []
        self._texts: list[str] = []
        for label, key in labels_and_keys:
            self._keys.append(key)
            # The space in front lets every word, also the first one, begin after a space.
            self._texts.append(f" {plain_words(label)}")
        self._in_alphabet = sorted((text, place) for place, text in enumerate(self._texts))

    def search(self, query: str, limit: int) -> list[str]:
        """At most `limit` keys, the best first, none twice; none for a query without a letter or digit."""
        plain = plain_words(query)
        found: dict[str, None] = {}
        if not plain or limit <= 0:
            return []
        for place in self._places(plain):
            found.setdefault(self._keys[place])
            if len(found) == limit:
                break
        return list(found)

    def _places(self, plain: str) -> Iterator[int]:
        """Where labels that match stand in the order of preference, the best match first; some come several times."""
        whole = f" {plain}"
        beginning = list(self._beginning_with(whole))
        yield from (place for text, place in beginning if text == whole)
        yield from sorted(place for _, place in beginning)
        words = sorted(set(plain.split()), key=len, reverse=True)
        yield from self._containing([f" {word}" for word in words])
        yield from self._containing(words)

    def _beginning_with(self, whole: str) -> Iterator[tuple[str, int]]:
        for position in range(bisect_left(self._in_alphabet, (whole, -1)), len(self._in_alphabet)):
            if not self._in_alphabet[position][0].startswith(whole):
                return
            yield self._in_alphabet[position]

    def _containing(self, parts: list[str]) -> Iterator[int]:
        rarest, *others = parts
        for place, text in enumerate(self._texts):
            if rarest in text and all(part in text for part in others):
                yield place
