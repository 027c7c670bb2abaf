"""The calendar file of a mail: iCalendar (RFC 5545) as an invitation or its end (RFC 5546).

The UID is that of the calendar feeds, so that a program that sees both knows one event. Instants
are UTC, for the reason that the feeds have (``services/bookings/feeds.py``).
"""

from __future__ import annotations

from icalendar import Calendar, Event, vCalAddress, vText

from services.notifications.domain.messages import Appointment


def write_calendar(appointment: Appointment, *, organiser: str, name: str, recipient: str) -> bytes:
    """The file, the same to the byte each time.

    Args:
        organiser: the address that mails come from.
        name: of the organisation whose booking it is.
        recipient: the address that the mail goes to.
    """
    event = Event()
    event.add("UID", appointment.uid)
    event.add("SEQUENCE", appointment.sequence)
    event.add("DTSTAMP", appointment.stamped_at)
    event.add("DTSTART", appointment.starts_at)
    event.add("DTEND", appointment.ends_at)
    event.add("SUMMARY", appointment.title)
    event.add("LOCATION", appointment.place)
    event.add("STATUS", appointment.status)
    host = vCalAddress(f"mailto:{organiser}")
    host.params["CN"] = vText(name)
    event.add("ORGANIZER", host)
    guest = vCalAddress(f"mailto:{recipient}")
    # An answer is given by the link, not to the address that mails come from.
    guest.params["RSVP"] = vText("FALSE")
    event.add("ATTENDEE", guest)

    calendar = Calendar()
    calendar.add("PRODID", "-//Masaha//Bookings//AR")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", appointment.method)
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
