"""What is said about a pause and a start interview."""

from __future__ import annotations

from typing import Final

from service.kernel.text import Text
from service.signals.pace.rules import PaceError

ERROR_TEXT: Final[dict[PaceError, Text]] = {
    PaceError.TOO_SOON: Text("Kies een dag na vandaag.", "Choose a day after today."),
    PaceError.TOO_LATE: Text(
        "Een pauze duurt hooguit 12 maanden. U kunt die daarna verlengen.",
        "A pause lasts 12 months at most. You can renew it after that.",
    ),
    PaceError.IN_THE_FUTURE: Text("Deze dag ligt in de toekomst.", "This day lies in the future."),
    PaceError.TOO_LONG_AGO: Text(
        "Deze dag ligt meer dan een jaar voor de melding. Klopt het jaar?",
        "This day lies more than a year before the report. Is the year right?",
    ),
    PaceError.REQUIRED: Text("Zeg op welke dag het gesprek was.", "Say on which day the interview was."),
    PaceError.NOT_HELD: Text(
        "Een gesprek dat niet nodig was, heeft geen dag.", "An interview that was not needed has no day."
    ),
}
