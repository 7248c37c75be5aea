"""Demo inquiries: what customers look for, what they were offered and said, who was told of what, and who went."""

from dataclasses import dataclass

from odoo import api, models
from odoo.fields import Command

#: What the phones are good for.
USES = {
    "camera": ("s25_ultra", "s25", "s24_ultra", "s24", "s23", "s23_fe", "a56", "a55"),
    "battery": ("a36", "a35", "a25", "a16", "a15", "m35", "m15"),
    "gaming": ("s25_ultra", "s24_ultra", "s24", "s23_fe", "a56"),
    "work": ("z_fold6", "s25_ultra", "s24_ultra", "a36"),
    "simple": ("a16", "a15", "a06", "a05s"),
}
CARE = (
    "<ul><li>Charge it with the charger from the box or an original one; 20 to 80 % is best for the battery.</li>"
    "<li>Keep it away from water, even if it is rated: salt and soap harm the seals.</li>"
    "<li>Wipe screen and camera with a soft dry cloth.</li></ul>"
)
FOLDING = (
    "<ul><li>Don't peel the film off the inner screen.</li><li>Close it gently, with nothing in between.</li></ul>"
)
WARRANTY = "<p>12 months official warranty. In the box: cable, SIM tool.</p>"


@dataclass(frozen=True)
class DemoInquiry:
    """What a customer looks for, and what became of it; products by kind: name → answer, with why not."""

    lead: str
    interest: str
    uses: tuple
    budget: tuple
    asked: dict
    offered: dict | None = None
    lost: tuple | None = None  # the reason, and the answer to "anything else?"


INQUIRIES = (
    DemoInquiry(
        "upgrade",
        *("Smaller than her S21, better camera", ("camera",), (10_000_000, 16_000_000)),
        asked={"s25": ("interested",), "s24": ("refused", "Last year's model")},
    ),
    DemoInquiry(
        "driver",
        *("Lasts a whole day on the road", ("battery",), (2_500_000, 4_500_000)),
        asked={"m35": ("refused", "Above what he wants to spend")},
        offered={"m15": ()},
    ),
    DemoInquiry(
        "camera",
        *("Photographs of food", ("camera",), (4_000_000, 8_000_000)),
        asked={"a56": ("refused", "Waits until its price falls")},
    ),
    DemoInquiry(
        "bogor", "Large letters, for his mother", ("simple",), (1_500_000, 3_000_000), asked={"a16": ("interested",)}
    ),
    DemoInquiry(
        "maya",
        *("Second phone with two SIM cards", ("camera",), (5_000_000, 10_000_000)),
        asked={"s23": ("refused", "Too dear for a second phone")},
        offered={"a55": ("ordered",)},
    ),
    DemoInquiry(
        "gaming",
        *("Games, for hours", ("gaming", "battery"), (5_000_000, 8_000_000)),
        asked={"s23_fe": ("refused", "Heard that it gets hot")},
        offered={"a56": ("refused", "Wants a faster chip"), "a36": ("refused", "Wants a faster chip")},
        lost=("crm.lost_reason_3", "Asks to be told when the S25 FE comes."),
    ),
    DemoInquiry(
        "lost",
        *("The cheapest that does WhatsApp", ("simple",), (0, 1_500_000)),
        asked={"a06": ("refused", "Cheaper in the market")},
        offered={"a05s": ("refused", "Above what he wants to spend")},
        lost=("crm.lost_reason_1", "No, thank you."),
    ),
)
TOLD = (("upgrade", "program_discount"), ("maya", "program_gift"), ("maya", "program_discount"))


class CrmDemoInquiries(models.AbstractModel):
    """Note what the demo shop's customers look for. Only the demo files call this."""

    _name = "crm.demo.inquiries"
    _description = "Demo Data: Inquiries of a Phone Shop"

    @api.model
    def _load(self):
        """Let the officers ask, offer, tell and note the answers."""
        for use, names in USES.items():
            link = Command.link(self.env.ref(f"crm_sop_sales.crm_product_use_{use}").id)
            for product in map(self._product, names):
                product.write({"use_ids": [link], "care_notes": CARE})
        for name in ("s25", "s24", "a56", "a55", "m35"):
            product = self._product(name)
            product.specification = f"<p>{product.description_sale}</p>{WARRANTY}"
        for name in ("z_flip6", "z_fold6"):
            self._product(name).care_notes = CARE + FOLDING
        for demo in INQUIRIES:
            self._inquire(demo)
        for name, program in TOLD:
            lead = self._lead(name)
            told = {"offer_partner_id": lead.partner_id.id, "offer_model": "crm.lead", "offer_id": lead.id}
            self.env.ref(f"crm_sop_sales.{program}").with_user(lead.user_id).with_context(**told).action_told()

    def _product(self, name):
        return self.env.ref(f"crm_sop_sales.product_{name}")

    def _lead(self, name):
        lead = self.env.ref(f"crm_sop_sales.opportunity_{name}")
        return lead.with_user(lead.user_id)

    def _inquire(self, demo):
        lead = self._lead(demo.lead)
        uses = [self.env.ref(f"crm_sop_sales.crm_product_use_{use}").id for use in demo.uses]
        lowest, highest = demo.budget
        lead.write(
            {
                "interest": demo.interest,
                "use_ids": [Command.set(uses)],
                "budget_from": lowest,
                "budget_to": highest,
                "product_line_ids": [
                    Command.create(self._prepare_line_vals(name, kind, *answer))
                    for kind, products in (("asked", demo.asked), ("offered", demo.offered or {}))
                    for name, answer in products.items()
                ],
            }
        )
        if demo.lost:
            reason, answer = demo.lost
            lead.write({"anything_else_asked": True, "anything_else_answer": answer})
            lead.action_set_lost(lost_reason_id=self.env.ref(reason).id)

    def _prepare_line_vals(self, name, kind, answer=False, why=False):
        return {"product_id": self._product(name).id, "kind": kind, "answer": answer, "refusal_reason": why}
