"""The forms of what is said, in English, about messages that were not sent, for the desk's `sentences.py`.

Such a reason is kept with its message and told to programs. The desk shows it in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext_noop as _

from bookings.frontdesk import sentences
from bookings.frontdesk.forms_of_sentences import Form, known_by
from notifications.kind_words import CHANNEL, KIND, OUTCOME, STATUS

#: Where two could be meant, the one with more words of its own stands first.
FORMS: tuple[Form, ...] = tuple(
    known_by(form)
    for form in (
        # Why a way is not open.
        _("no email address"),
        _("no telephone number"),
        _("texts are not set up here"),
        _("the patient has not agreed to texts"),
        _("nothing more is sent to this email address: it came back, or its owner said so"),
        _("texts to this number were stopped"),
        _("the patient does not want this by email"),
        _("the patient does not want this by text"),
        _("the clinic's policy does not ask for this any more"),
        # Why it is not, or no longer, to be said.
        _("its hour was over when the session was booked or moved"),
        _("too late to be of use"),
        _("put off to the end of quiet hours, which would be too late to be of use"),
        _("put off: the patient had a text today already, which would be too late to be of use"),
        _("put off to the end of quiet hours"),
        _("put off: the patient had a text today already"),
        _("quiet hours until it is too late to be of use"),
        _("no session of the series is in that state any more"),
        _("the session has begun"),
        _("the session is at another time now"),
        _("the session is %(status)s"),
        _("the offer is %(outcome)s"),
        _("there is no such proposal any more"),
        _("the proposal is %(outcome)s"),
        # Where it is, and why there is none.
        _("it waits for its hour"),
        _("a worker has it"),
        _("the provider has it"),
        _("it arrived"),
        _("the clinic's policy asks for no such message"),
        _("the clinic's policy does not send this by %(channel)s"),
        _("it is planned in a moment: the change has not been looked at yet"),
        _("nothing has happened that it would tell of"),
        _(
            "a text about this goes only where the clinic made the change, of a visit no more than %(days)s "
            "days ahead"
        ),
        _("the treatment says nothing about how to prepare"),
        # What went wrong on the way. Codes and what a server said stay as they are.
        _("the worker that had it went away"),
        _("the mail server does not accept us: %(code)s"),
        _("the mail server did not answer: %(fault)s"),
        _("the mail server said %(answer)s"),
        _("the mail provider refused the address"),
        _("the mail provider did not answer"),
        _("the mail provider said %(code)s"),
        _("the message cannot be sent in this form: %(fault)s"),
        _("the email came back: %(answer)s"),
        _("this installation sends no texts"),
        _("the carrier did not answer: %(fault)s"),
        _("the carrier said %(code)s"),
        _("the carrier gave no reason that we know (%(code)s)"),
        _("the carrier does not accept us (%(code)s)"),
        _("the carrier asks to wait (%(code)s)"),
        _("this is not a telephone number (%(code)s)"),
        _("the carrier does not know the number that we send from (%(code)s)"),
        _("the number that we send from sends no texts (%(code)s)"),
        _("the recipient has told the carrier to stop (%(code)s)"),
        _("no text goes from our number to this one (%(code)s)"),
        _("this is not a mobile telephone (%(code)s)"),
        _("this is a landline (%(code)s)"),
        _("too many texts wait at the carrier (%(code)s)"),
        _("the telephone could not be reached (%(code)s)"),
        _("nobody has this number (%(code)s)"),
        _("this is a landline, or its network takes no texts (%(code)s)"),
        _("the carrier took it for spam (%(code)s)"),
        _("it was lost on its way (%(code)s)"),
        _("our number is not registered for texts to this country (%(code)s)"),
        _("it waited at the carrier for too long (%(code)s)"),
        # What a person is asked to do about it, and refusals.
        _("A %(kind)s could not be sent: %(why)s"),
        _("The patient's text may have meant the visit, which stands."),
        _("The patient wrote, and only a person can answer."),
        _("There is no such message."),
        _("This message is %(state)s."),
        _("The visit would have begun by now."),
        _("From %(least)s to %(most)s minutes."),
    )
)
#: Lines of a thread.
QUOTING: tuple[Form, ...] = (known_by(_("Patient: %(words)s")), known_by(_("We: %(words)s")))


def make_known() -> None:
    """From now on the desk's pages know these forms."""
    words: dict[str, Mapping[Any, Any]] = {
        "kind": KIND,
        "state": STATUS,
        "channel": CHANNEL,
        "outcome": OUTCOME,
    }
    gaps = {name: partial(_one_of, table) for name, table in words.items()}
    sentences.know(FORMS, quoting=QUOTING, gaps={**gaps, "why": sentences.said})


def _one_of(table: Mapping[Any, Any], words: str) -> str:
    return str(table.get(words.replace(" ", "_"), words)).lower()
