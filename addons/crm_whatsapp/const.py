"""Names, limits and the provider's error codes. Plain data: no record, no translation at work."""

#: How far a message has come. Status events come in any order and more than once: the highest rank stands. A failure
#: outweighs "sent", a proof of receipt outweighs a failure.
RANK = {
    "left_out": 0,
    "cancelled": 0,
    "queued": 0,
    "sending": 1,
    "unknown": 2,
    "sent": 3,
    "failed": 4,
    "delivered": 5,
    "read": 6,
}

# What to do about an error of the provider.
BACK_OFF = "back_off"  # it wasn't taken; soon again
FINAL = "final"  # never again by itself
LATER = "later"  # after a day, then two, then four
STOP = "stop"  # nothing of this account goes out until a person has mended it
UNKNOWN = "unknown"  # perhaps it was taken: never again by itself

#: The provider's error code → what to do, and the problem in words (a key of PROBLEMS).
CODES = {
    4: (BACK_OFF, "throughput"),
    80007: (BACK_OFF, "throughput"),
    130429: (BACK_OFF, "throughput"),
    131048: (BACK_OFF, "spam_limit"),
    131056: (BACK_OFF, "pair_limit"),
    100: (FINAL, "bad_parameter"),
    130472: (FINAL, "experiment"),
    131008: (FINAL, "bad_parameter"),
    131009: (FINAL, "bad_parameter"),
    131026: (FINAL, "undeliverable"),
    131047: (FINAL, "window_closed"),
    131050: (FINAL, "stopped_marketing"),
    132000: (FINAL, "template_variables"),
    132001: (FINAL, "template_missing"),
    132015: (FINAL, "template_paused"),
    132016: (FINAL, "template_paused"),
    131049: (LATER, "engagement"),
    0: (STOP, "token"),
    10: (STOP, "permission"),
    190: (STOP, "token"),
    368: (STOP, "account_blocked"),
    131031: (STOP, "account_blocked"),
}

#: Why a message didn't go out or didn't arrive.
PROBLEMS = [
    # found before sending
    ("no_number", "No phone number"),
    ("invalid", "No valid phone number"),
    ("landline", "Landline, or no mobile number"),
    ("opted_out", "Opted out"),
    ("no_opt_in", "Hasn't opted in"),
    ("duplicate", "Same number as another recipient"),
    ("empty_variable", "A variable of the template is empty"),
    ("too_long", "With its variables the text is too long"),
    # said by the provider
    ("undeliverable", "Not on WhatsApp, or can't be reached there"),
    ("window_closed", "More than 24 hours since the customer wrote: only templates may be sent"),
    ("stopped_marketing", "The customer stopped marketing messages on WhatsApp"),
    ("experiment", "WhatsApp holds it back for an experiment of its own"),
    ("template_variables", "The template's variables don't match what WhatsApp approved"),
    ("template_missing", "WhatsApp doesn't know the template in this language"),
    ("template_paused", "The template can't be sent at present"),
    ("bad_parameter", "WhatsApp doesn't understand the message"),
    ("engagement", "WhatsApp limits marketing messages to this customer at present"),
    ("throughput", "Too many messages at once"),
    ("pair_limit", "Too many messages to this customer at once"),
    ("spam_limit", "WhatsApp limits this account: too many recipients blocked or reported it"),
    ("token", "The account's access token isn't valid any more"),
    ("permission", "The account lacks a permission at WhatsApp"),
    ("account_blocked", "WhatsApp has blocked the account"),
    ("other", "WhatsApp refused it"),
    # on the way
    ("connection", "WhatsApp can't be reached"),
    ("no_answer", "Interrupted: WhatsApp may or may not have taken it"),
    ("gave_up", "Given up after several attempts"),
    ("service_down", "WhatsApp gives no proper answer"),
    # about a customer's file
    ("file_too_large", "The file is too large"),
    ("file_type", "Files of this type aren't taken"),
    # said by a person
    ("no_whatsapp", "Not on WhatsApp, says who tried"),
    ("skipped", "Skipped"),
    ("stopped", "The blast was stopped"),
]

#: Characters that WhatsApp takes, of a template with its variables and of free text.
LONGEST_TEMPLATE, LONGEST_TEXT = 1024, 4096

#: What WhatsApp says about a template. Only what is approved is sent.
TEMPLATE_STATES = [
    ("approved", "Approved"),
    ("pending", "In Review"),
    ("rejected", "Rejected"),
    ("paused", "Paused"),
    ("disabled", "Disabled"),
    ("gone", "Not at WhatsApp"),
    ("differs", "Another Text at WhatsApp"),
    ("unsupported", "Needs More than a Text"),
]

#: Conditions of templates that may be sent: approved here, and WhatsApp says nothing else.
USABLE = [("state", "=", "approved"), ("whatsapp_status", "in", (False, "approved"))]

#: Blasts whose messages go out: those of one that is done wait where a person or the provider has put them off.
SENDING_BLASTS = ("running", "done")

#: Recipients within 24 hours, by the tier that Meta gives a number.
TIERS = [("250", "250"), ("2000", "2,000"), ("10000", "10,000"), ("100000", "100,000"), ("0", "Unlimited")]

#: The same recipient: one message in 6 seconds, 45 in one burst. 45 in any 270 seconds keep both.
PAIR_BURST = 45
PAIR_SECONDS = 270

#: Attempts after which a message that isn't taken has failed.
MOST_BACK_OFFS = 12
MOST_LATER = 4

#: Hours after the customer's last message in which free text may be sent.
WINDOW_HOURS = 24

#: Bytes of a webhook's body that are read.
MOST_BYTES = 3 * 1024 * 1024

#: First key of the advisory locks that say which senders live; the second key is the sender's number.
LOCK_SPACE = 0x57415050
