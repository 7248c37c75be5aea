"""Names and numbers of the bookings, each written once."""

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]
#: Days for who can't come from Monday to Friday (H23-4.2.6).
WEEKEND = ("5", "6")
#: States of a booking that keeps its seat.
LIVE = ("booked", "arrived")
#: Days ahead for which times are offered, and days back for which their use is shown.
DAYS_AHEAD, DAYS_BACK = 60, 30
