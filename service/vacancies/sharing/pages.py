"""The page behind the links in the mails: one sentence and one button, without any script."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from service.kernel.database import UnitOfWork
from service.kernel.text import Language, Text
from service.vacancies.sharing import mailing
from service.vacancies.sharing.models import VacancySubscription


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader of the mails can ask for: the question, the button, and what is said when it is done."""

    question: Text
    button: Text
    done: Text
    change: Callable[[UnitOfWork, VacancySubscription], None]


WISHES: Final[Mapping[str, Wish]] = {
    mailing.CONFIRM: Wish(
        Text(
            "Wilt u elke week een e-mail met nieuwe vacatures van '{name}'?",
            "Do you want an e-mail with new vacancies of '{name}' each week?",
        ),
        Text("Ja, stuur mij die e-mail", "Yes, send me that e-mail"),
        Text(
            "Dat is gelukt. De volgende e-mail komt op de eerste werkdag van een week, als er dan iets nieuws is.",
            "Done. The next e-mail comes on the first working day of a week, if there is something new by then.",
        ),
        mailing.confirm,
    ),
    mailing.UNSUBSCRIBE: Wish(
        Text(
            "Wilt u geen e-mail meer met nieuwe vacatures van '{name}'?",
            "Do you want no more e-mail with new vacancies of '{name}'?",
        ),
        Text("Stop deze e-mail", "Stop this e-mail"),
        Text("Dat is gelukt. U krijgt deze e-mail niet meer.", "Done. You will not get this e-mail any more."),
        mailing.unsubscribe,
    ),
}
"""By the last part of the address."""

_GONE: Final = Text(
    "Dit adres geldt niet meer. U krijgt deze e-mail niet.",
    "This address is no longer valid. You do not get this e-mail.",
)


def page(subscription: VacancySubscription | None, wish: Wish, *, done: bool) -> str:
    """The page, in the language of the mails; in both where there is nothing left to stop."""
    if subscription is None:
        return _framed(Language.DUTCH, _GONE.nl, f'<p>{_GONE.nl}</p>\n<p lang="en">{_GONE.en}</p>')
    language = subscription.language
    if done:
        said = html.escape(wish.done.in_language(language))
        return _framed(language, said, f"<p>{said}</p>")
    question = html.escape(wish.question.in_language(language).format(name=subscription.name))
    button = html.escape(wish.button.in_language(language))
    form = f'<form method="post"><button type="submit">{button}</button></form>'
    return _framed(language, question, f"<p>{question}</p>\n{form}")


def _framed(language: Language, title: str, content: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{language.value}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{title}</title></head>\n<body>\n<main>\n{content}\n</main>\n</body>\n</html>\n"
    )
