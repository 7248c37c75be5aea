from markupsafe import Markup

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

#: Thirds of the prices on sale.
BANDS = {"low": (0, 1 / 3), "middle": (1 / 3, 2 / 3), "high": (2 / 3, 1)}
CANDIDATES = 200


class ChatbotScriptStep(models.Model):
    """The bot recommends products: by what the visitor answered, and what a customer who is known has bought (CC-7).

    The logic is simple and says its reasons: the price has to fit; a wished tag or category counts two points each, a
    category that the customer has bought from one, and what they have already none.
    """

    _inherit = "chatbot.script.step"

    def _process_step(self, discuss_channel):
        """Override: say what fits best, and why."""
        if self.step_type != "crm_advice":
            return super()._process_step(discuss_channel)
        channel = discuss_channel.sudo()
        advised = self._advice(channel._bot_answers(), channel._visitor().partner_id, channel._bot_company())
        return self._crm_say(discuss_channel, self._advice_body(advised, channel._bot_company()))

    def _advice(self, answers, partner, company):
        """Return [(product, [reasons])], best first."""
        products = self.env["product.template"].with_company(company)
        low, high = self._advice_prices(answers, company)
        domain = Domain("sale_ok", "=", True) & Domain("company_id", "in", (False, company.id))
        domain &= Domain("list_price", ">", 0) & Domain("list_price", ">=", low)
        if high:
            domain &= Domain("list_price", "<=", high)
        wished = Domain.OR(
            [
                Domain("product_tag_ids", "in", answers.crm_tag_ids.ids),
                Domain("categ_id", "child_of", answers.crm_categ_ids.ids),
            ]
        )
        found = products.search(domain & wished, limit=CANDIDATES) | products.search(domain, limit=CANDIDATES)
        bought = self._advice_bought(partner)
        rated = []
        for product in found:
            points, reasons = self._advice_rate(product, answers, bought)
            if points >= 0:
                rated.append((-points, product.list_price, product.id, product, reasons))
        return [(product, reasons) for *_key, product, reasons in sorted(rated)[: self.crm_product_limit]]

    def _advice_rate(self, product, answers, bought):
        """Return points and reasons; negative points: the customer has it."""
        if product in bought:
            return -1, []
        points, reasons = 0, []
        for answer in answers:
            lineage = {int(id_) for id_ in (product.categ_id.parent_path or "").split("/") if id_}
            if answer.crm_tag_ids & product.product_tag_ids or lineage & set(answer.crm_categ_ids.ids):
                points += 2
                reasons.append(self.env._("you chose “%s”", answer.name))
            elif answer.crm_price_band or answer.crm_price_min or answer.crm_price_max:
                reasons.append(self.env._("its price fits “%s”", answer.name))
        if product.categ_id in bought.categ_id:
            points += 1
            reasons.append(self.env._("you have bought from %s before", product.categ_id.name))
        return points, reasons

    def _advice_bought(self, partner):
        products = self.env["product.template"]
        if not partner:
            return products
        lines = self.env["sale.order.line"]._read_group(
            [("order_partner_id", "child_of", partner.commercial_partner_id.id), ("state", "=", "sale")],
            [],
            ["product_id:recordset"],
        )
        return lines[0][0].product_tmpl_id

    def _advice_prices(self, answers, company):
        """Return the lowest and highest price that the answers leave (0: no limit), in the company's currency."""
        low = max(answers.mapped("crm_price_min"), default=0)
        high = min(filter(None, answers.mapped("crm_price_max")), default=0)
        for band in filter(None, answers.mapped("crm_price_band")):
            least, most = self.env.execute_query(
                SQL(
                    """SELECT percentile_disc(%s) WITHIN GROUP (ORDER BY list_price),
                              percentile_disc(%s) WITHIN GROUP (ORDER BY list_price)
                         FROM product_template
                        WHERE sale_ok AND active AND list_price > 0 AND (company_id IS NULL OR company_id = %s)""",
                    *BANDS[band],
                    company.id,
                )
            )[0]
            low = max(low, float(least or 0))
            high = min(high, float(most)) if high and most else float(most or high)
        return low, high

    def _advice_body(self, advised, company):
        if not advised:
            return self.env._("I found nothing that fits. A person may know more.")
        items = Markup("").join(
            Markup("<li><strong>%s</strong> · %s%s</li>")
            % (
                product.display_name,
                format_amount(self.env, product.list_price, company.currency_id),
                Markup("<br/>%s") % self.env._("Because %s.", ", ".join(reasons)) if reasons else "",
            )
            for product, reasons in advised
        )
        return Markup("%s<ul>%s</ul>") % (self.message or "", items)
