"""The forms of the sentences that rules, verbs and the watch make, for `sentences.py`."""

from __future__ import annotations

import re

from django.utils.translation import gettext_noop as _

Form = tuple[str, re.Pattern[str]]
_GAP = re.compile(r"%\((\w+)\)s")


def known_by(form: str) -> Form:
    """The form, and what tells that a sentence has it: its own words, anything in its gaps."""
    words = _GAP.split(form)
    pattern = "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(words))
    return form, re.compile(pattern, re.DOTALL)


#: Whole sentences. Where two could be meant, the one with more words of its own stands first.
FORMS: tuple[Form, ...] = tuple(
    known_by(form)
    for form in (
        # Erasing a patient.
        _("The record must be kept until %(day)s."),
        _("A course, a visit, a proposal or a place on the waiting list is still open: end it first."),
        # Places in the clinic's diary.
        _("No chair is free %(during)s."),
        _("No chair has %(features)s."),
        _("The clinic has no such chair."),
        _("Chair %(chair)s is out of service %(during)s."),
        _("Chair %(chair)s is taken %(during)s."),
        _("Chair %(chair)s has no %(features)s."),
        _("No nurse is free %(during)s: %(duty)s on duty, %(needed)s needed."),
        _(
            "%(count)s sessions would start between %(first)s and %(last)s, at most %(most)s may "
            "within %(minutes)s min."
        ),
        _("%(when)s is in the past."),
        _("This must be booked at least %(ahead)s ahead: earliest %(when)s."),
        _("This can be booked at most %(ahead)s ahead: latest %(when)s."),
        _("Sessions start every %(minutes)s min: nearest %(when)s."),
        _("The clinic is closed on %(day)s."),
        _("The clinic is not open for %(length)s at a stretch on %(day)s."),
        _(
            "The clinic is not open for the whole visit of %(length)s: on %(day)s the earliest start "
            "is %(first)s, the latest %(last)s."
        ),
        # Between the sessions of one patient.
        _("The patient has another visit from %(first)s to %(last)s."),
        _(
            "Session %(number)s is %(apart)s from another treatment on %(day)s, less than the "
            "%(needed)s required: until %(before)s or from %(after)s."
        ),
        _("%(visits)s are %(apart)s apart, less than the %(needed)s required: %(bound)s."),
        _("%(visits)s are %(apart)s apart, at most %(most)s are allowed: %(bound)s."),
        _("%(visits)s are %(apart)s apart, the phase may take %(most)s: %(bound)s."),
        _("%(visits)s are %(apart)s apart, which a clinician should see."),
        _("%(visits)s are both on %(day)s; one a day is allowed."),
        _("%(count)s sessions would start within %(days)s, at most %(most)s are allowed: %(bound)s."),
        _("%(count)s sessions would start within %(days)s, at most %(most)s are allowed."),
        _("The clearance covers %(sessions)s, %(asked)s are asked for."),
        _("The clearance covers %(sessions)s, %(booked)s are booked."),
        _("The clearance is used up or over: %(missing)s cannot be booked under it."),
        _("There is no clearance for this session."),
        _("The clearance ends on %(day)s, before session %(number)s."),
        _("%(day)s is not one of the weekdays asked for: %(days)s."),
        _("%(time)s is before %(first)s, the earliest start asked for."),
        _("%(time)s is after %(last)s, the latest start asked for."),
        _("The sessions start at %(times)s; one time of day for all was asked for."),
        # What would help.
        _("On other weekdays as well"),
        _("Also before %(time)s"),
        _("Also after %(time)s"),
        _("At different times of day"),
        _("On any weekday at any time"),
        _("The phase may take %(days)s, %(more)s more than its rule"),
        _("A gap may be %(days)s, %(more)s more than its rule"),
        _("%(sessions)s may start within %(days)s, one more than its rule"),
        _("Sessions may be %(days)s apart; a prescriber must allow it"),
        _("The last session as late as %(day)s"),
        _("Booked by the clinic, at shorter notice"),
        _("Booked by the clinic, further ahead"),
        _("A prescriber clears %(sessions)s, until %(day)s"),
        # What somebody must look at.
        _("The phase is to begin anew."),
        _("One more session, and the phase is done."),
        _("A prescriber decides how it goes on."),
        _("They cannot all be within %(days)s any more."),
        _("There is nothing to decide."),
        _("No phase follows this one."),
        _("A prescriber decides first how this course goes on after a missed visit."),
        _("The clinic plans how this course goes on after a missed visit. Please call the clinic."),
        _("The series waits for a prescriber's clearance."),
        _("The series lapsed and waits for a prescriber to look at the patient again."),
        _("Nothing is booked after %(day)s; %(allowed)s are over on %(until)s."),
        _("%(kept)s of %(wanted)s sessions are done or planned: %(lost)s."),
        _("%(minutes)s minutes after the start of session %(number)s, nobody has checked in."),
        _("%(phase)s ended on %(day)s, and nothing is booked of %(next)s."),
        _("Its first session is due by %(day)s."),
        _("A clearance is needed first."),
        _("The next phase has begun already, or may not begin yet."),
        _("Only staff begin the next phase."),
        _("%(when)s is free, too soon to ask by a message: ring them, number %(rank)s in turn."),
        _("An assessment is needed after %(given)s, before the next one begins."),
        # Refusals of verbs.
        _("There is nothing to assess."),
        _("Only a prescriber decides how a course goes on."),
        _("It has changed since you read it. Read it again."),
        _("The places were kept for a while only, and that time is over. Please choose again."),
        _("That place was taken a moment ago."),
        _("There is no such thing here."),
        _("There is no such field."),
        _("The diary is busy just now. Please try again."),
        _("Session %(number)s cannot be placed."),
        _("There is no such session."),
        _("%(nurse)s is no nurse of this clinic."),
        _("These times were accepted already."),
        _("These times were declined already."),
        _("These times were kept for a while only, and that time is over."),
        _("The visits have changed since these times were proposed."),
        _("Between now and the first visit that would change."),
        _("Every version of a protocol keeps its spacing group, here %(group)s."),
        _("Version %(number)s is signed already."),
        _("That visit is already cancelled."),
        _("That visit is over."),
        _("That visit was missed."),
        _("The visit is %(status)s: that cannot be done now."),
        _("The series is already %(course)s."),
        _("The series is %(course)s."),
        _("Only staff can do that."),
        _("Somebody must fetch the patient; without an escort a prescriber says why not."),
        _("Only a prescriber may let the patient go home alone."),
        _("A visit is missed from %(minutes)s minutes after its start on."),
        _("There is nothing to undo."),
        _("That hold is for another clinic or treatment."),
        _("Only a prescriber grants a clearance."),
        _("This day is over."),
        _("Sessions are booked here: the time zone stays."),
        _("Whose telephone is this?"),
        _("Not a telephone number: write it like +1 202 555 0142."),
        _("Only a manager of this clinic takes its data out."),
        _("That chair is in another clinic."),
        _("There is no such offer."),
        _("There is no such proposal."),
        _("Nothing of the series needs another time."),
        _("Name sessions that are left to place, each by its number."),
        _("Only a prescriber signs a protocol."),
        _("Nothing of the series is left to place."),
        _("A closure ends after it starts."),
        _("This clinic has no such chair."),
        _("There is no such closure any more."),
        _("There is no such shift any more."),
        _("A shift ends after it starts, at most a year later."),
        _("%(nurse)s is on duty at that time already."),
        _("These are not the digits of this secret now."),
        _("Drop the present second factor first."),
        _("Set up an authenticator first."),
        _("No authenticator is set up here."),
        _("Only a manager resets an authenticator."),
        _("Another manager must reset yours."),
        _("A program has no password."),
        _("%(who)s opened this record in an emergency at %(start)s, until %(end)s."),
        _("Say in a sentence why this cannot wait."),
        _("This record is not open to you, or no longer."),
        _("A manager sees to this."),
        _("Another manager must see to this: you opened the record yourself."),
        _("A program works for the front desk or for managers."),
        _("A token in a person’s name is made by themselves."),
        _("A token lives for 1 to %(most)s days."),
        _("Choose clinics at which both of you work."),
        _("This token has been ended already."),
        _("Only a manager ends somebody else's token."),
        _("Another manager must do this: you would lose your own access."),
        _("There is no such task."),
        _("This task is closed already."),
        _("That visit is at another clinic, or of another treatment."),
        _("That visit cannot be earlier any more."),
        _("This is before the first date."),
        _("Between 0 and %(most)s hours."),
        _("This place on the waiting list is given up already."),
        _("A visit that is booked stays at its clinic."),
        _("A name is on one line, without control characters."),
        _("This is taken already."),
        _("A period ends on its first date or later."),
        _("A report is about %(most)s days at most."),
        _("There is no such series."),
        _("This takes too long to work out. Ask for other dates, or with a narrower wish."),
        _("It closes after it opens; 00:00 closes at the end of the day."),
        _("These hours overlap."),
        # Plans for many at once.
        _("Not all of these can be carried out together. Nothing was changed."),
        _("Its visits are no longer where they were when the plan was drawn up."),
        _("This was carried out already."),
        _("The plan is still being drawn up."),
        _("This template is still being drawn up."),
        _("Nothing of the plan is left to carry out."),
        _("No plan was made. Ask once more."),
        _("The plan is outdated. Draw up another one."),
        _("Every visit keeps its place, or other times are on offer."),
        _("The series waits for a prescriber to look at the patient."),
        _("Its new places do not hold beside those of the others."),
        _("No place was found in time."),
        _("No worker could finish this plan. Ask once more, for fewer days, or move the visits one by one."),
        # A chair whose name says that it is one.
        _("%(chair)s is out of service %(during)s."),
        _("%(chair)s is taken %(during)s."),
        _("%(chair)s has no %(features)s."),
    )
)
#: What stands in their gaps and has gaps itself.
PARTS: tuple[Form, ...] = tuple(
    known_by(form)
    for form in (
        _("from %(first)s to %(last)s on %(day)s"),
        _("earliest %(when)s"),
        _("latest %(when)s"),
        _("Sessions %(one)s and %(two)s"),
        _("Session %(one)s and the session of %(day)s"),
        _("The session of %(day)s and session %(two)s"),
        _("The session of %(day)s and the session of %(other)s"),
    )
)
