"""What `bookings` lets others know, without knowing them. Signals are sent after the commit."""

from django.dispatch import Signal

#: `ids`: the journal rows of one transaction, in order; `verbs`: what they say was done. A nudge only:
#: whoever misses it finds the rows.
journal_written = Signal()

#: `contact`, `code` (the plain one), `language`: a code that somebody waits for.
login_code_issued = Signal()

#: `contact`, `token` (the plain one), `name` (whom it signs in, by first name), `language`: a link that
#: somebody waits for; one signal for each person who shares the contact.
sign_in_link_issued = Signal()

#: `patient`: everything that is kept about them is asked for. Each receiver answers with what it keeps, as
#: `bookings.kept.Kept`, and changes nothing.
record_asked = Signal()

#: `patient`, `now`: who this is is being erased, in a transaction that fails where a receiver does.
patient_erased = Signal()
