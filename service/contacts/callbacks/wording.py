"""How the service names the subjects of call-backs: plain Dutch (B1) and English."""

from __future__ import annotations

from typing import Final

from service.contacts.callbacks.rules import CallBackSubject
from service.kernel.text import Text

SUBJECT_TEXT: Final[dict[CallBackSubject, Text]] = {
    CallBackSubject.CONTACT: Text("Wie is de contactpersoon", "Who the contact is"),
    CallBackSubject.CONTRACT_END: Text("Een contract loopt af", "A contract ends"),
    CallBackSubject.CONTRACT_CHANGE: Text("Een contract verandert", "A contract changes"),
    CallBackSubject.TRIAL_PLACEMENT: Text("Proefplaatsing", "Trial placement"),
    CallBackSubject.WAGE_DISPENSATION: Text("Loondispensatie", "Wage dispensation"),
    CallBackSubject.JOBCOACH: Text("Jobcoach", "Jobcoach"),
    CallBackSubject.WORKPLACE_ADAPTATION: Text("Aanpassing van de werkplek", "Adaptation of the workplace"),
    CallBackSubject.VACANCY: Text("Een vacature", "A vacancy"),
    CallBackSubject.SERVICE: Text("Dienstverlening", "Services"),
    CallBackSubject.OTHER: Text("Iets anders over het werk", "Something else about work"),
}
