"""Placeholders in the texts of scripts: a fixed list, replaced as text. Nothing of it is evaluated (CC-6a)."""

import re

#: What a text may name, and an example of it for the supervisor who writes.
PLACEHOLDERS = {
    "greeting": "Good morning",
    "customer.name": "Nadia Puspita",
    "customer.city": "Jakarta",
    "agent.name": "Rosa Maharani",
    "company.name": "Kaktus Telekom",
    "branch.name": "Contact Center Jakarta",
    "queue.name": "Customer Service",
    "order.name": "S00042",
    "order.date": "12 November 2026",
    "amount_due": "Rp 1,250,000",
    "promotion": "Free case with every phone",
}
LONGEST = 4000  # characters of a step's text
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


def unknown(text):
    """Return the placeholders of a text that there aren't."""
    return sorted({name for name in _PLACEHOLDER.findall(text or "") if name.strip() not in PLACEHOLDERS})


def named(text):
    """Return the placeholders that a text names."""
    return {name.strip() for name in _PLACEHOLDER.findall(text or "")} & PLACEHOLDERS.keys()


def fill(text, values):
    """Put values in place of placeholders; what isn't known is three dots, which the agent fills in.

    :param values: name → text; what a value holds is text, also where it looks like a placeholder
    """
    return _PLACEHOLDER.sub(lambda match: values.get(match[1].strip()) or "…", text or "")
