from odoo import models
from odoo.fields import Command


class CrmOfferScreenMixin(models.AbstractModel):
    """Show the products and promotions on a document's screen as they are for its customer: price, and what was told.

    Their fields depend on the context. A view can't give it to them: the web client reads lists inside a form before it
    knows the form's own values. So the server adds it to what the screen asks for.
    """

    _name = "crm.offer.screen.mixin"
    _description = "Shows What Is Offered to a Customer"

    #: The lists that are shown as they are for the customer.
    _offer_lists = ("running_program_ids",)

    def _offer_context(self):
        """Hook: return the context in which products and promotions are this customer's."""
        return {"offer_partner_id": self.partner_id._origin.id}

    def web_read(self, specification):
        """Override: see the class. What the screen asks for is fetched at once: the context is made of some of it."""
        known = [self._fields[name] for name in specification if name in self._fields]
        self.fetch([field.name for field in known if self._has_field_access(field, "read")])
        return super().web_read(self._for_customer(specification) if len(self) == 1 else specification)

    def onchange(self, values, field_names, fields_spec):
        """Override: likewise; the customer may be the one just chosen, or none."""
        chosen = {name: values[name] for name in ("partner_id", "company_id") if name in values}
        document = self.new(chosen, origin=self or None)
        specification = document._for_customer(fields_spec)
        result = super().onchange(values, field_names, specification)
        if "partner_id" in field_names:
            result["value"] = document._read_offers(specification) | result.get("value", {})
        return result

    def _read_offers(self, specification):
        """Return what the lists say to another customer, as changes of a form: the same lines may read otherwise."""
        changes = {}
        for name in self._offer_lists:
            if fields_spec := specification.get(name, {}).get("fields"):
                lines = self[name]._origin.with_context(**specification[name]["context"]).web_read(fields_spec)
                changes[name] = [Command.update(line.pop("id"), line) for line in lines]
        return changes

    def _for_customer(self, specification):
        """Return what a screen asks for, with the customer's context for the lists of offers in it."""
        lists = {name: specification[name] for name in self._offer_lists if name in specification}
        context = self._offer_context() if lists else {}
        return specification | {
            name: {**spec, "context": {**spec.get("context", {}), **context}} for name, spec in lists.items()
        }
