"""Names and numbers of the procedure, each written once."""

#: The four free services of a motorcycle, and the follow-ups before each of them.
KPBS = [("1", "KPB 1"), ("2", "KPB 2"), ("3", "KPB 3"), ("4", "KPB 4")]
STEPS = [("1", "FU-1"), ("2", "FU-2"), ("3", "FU-3")]
CHANNELS = [("whatsapp", "WhatsApp"), ("call", "Call")]
RESULTS = [
    ("no_response", "No Response"),
    ("not_delivered", "Not Delivered"),
    ("willing", "Willing"),
    ("refused", "Refused"),
    ("call_back", "Call Back"),
    ("wrong_number", "Wrong Number"),
    ("opted_out", "Wants No Follow-up"),
    ("already_serviced", "Already Serviced"),
]
#: Results after which the next follow-up comes, and after the last one the case is unreachable (H23-4.2.4, 4.4.1).
UNANSWERED = ("no_response", "not_delivered")
#: Results of a customer who was spoken to.
RESPONDED = ("willing", "refused", "call_back", "opted_out", "already_serviced")
OFFERS = [
    ("weekend", "Booking at the Weekend"),
    ("home_service", "Home Service"),
    ("promo", "Booking Promotion"),
]
ANSWERS = [("accepted", "Accepted"), ("refused", "Refused")]
#: What a booking may be: at the workshop, or a mechanic comes to the customer.
KINDS = [("workshop", "Workshop"), ("home", "Home Service")]
#: Who says that a service was done. A customer's word isn't counted as success until the A2 report confirms it.
SOURCES = [("a2", "A2 Report"), ("booking", "Booking"), ("hand", "By Hand"), ("customer", "The Customer’s Word")]
COUNTED_SOURCES = ("a2", "booking", "hand")
