import math
import secrets

from odoo.fields import Domain
from odoo.http import Controller, request, route

from odoo.addons.portal.controllers.portal import pager

from ..limiter import Limiter
from ..words import MOST_CHARACTERS

#: An address searches and votes like a person, or a shop full of them; a program that guesses or stuffs is held off.
SEARCHES = Limiter(a_minute=60, burst=60)
VOTES = Limiter(a_minute=20, burst=20)
PER_CATEGORY = 5
PER_PAGE = 30


class Help(Controller):
    """The help page: questions by category, search, and whether an answer helped. For everybody (CC-4)."""

    @route(["/help", "/help/page/<int:page>"], type="http", auth="public", website=True, methods=["GET"], sitemap=True)
    def help(self, q="", category=None, page=1, **__):
        """Show the categories with their first questions; or what a search found; or one category's questions."""
        words = (q or "")[:MOST_CHARACTERS].replace("\x00", "").strip()
        if words:
            return self._search(words)
        return self._category(int(category), max(page, 1)) if str(category).isdecimal() else self._overview()

    @route("/help/<int:faq_id>", type="http", auth="public", website=True, methods=["GET"], sitemap=False)
    def question(self, faq_id, thanks=None, **__):
        """Show one question with its answer, if it is published."""
        faq = self._public([faq_id])
        if not faq:
            raise request.not_found()
        return self._page(faqs=faq, open_id=faq.id, single=True, thanks_id=faq.id if thanks else False)

    @route("/help/<int:faq_id>/vote", type="http", auth="public", website=True, methods=["POST"], sitemap=False)
    def vote(self, faq_id, helpful=None, **__):
        """Count whether the answer helped, once for each visitor; then show the question again."""
        if wait := VOTES.wait(request.httprequest.remote_addr):
            return self._too_many(wait)
        faq = self._public([faq_id])
        if not faq or helpful not in ("1", "0"):
            raise request.not_found()
        request.env["crm.faq.vote"].sudo()._vote(faq, self._visitor(), helpful == "1")
        return request.redirect(f"{faq._url()}?thanks=1")

    # === PAGES === #

    def _search(self, words):
        if wait := SEARCHES.wait(request.httprequest.remote_addr):
            return self._too_many(wait)
        company = request.env.company
        faqs = request.env["crm.faq"]._find(words, company)
        if not faqs:
            request.env["crm.faq.miss"].sudo()._note(words)
        return self._page(faqs=faqs, open_id=faqs[:1].id, searched=words)

    def _category(self, category_id, page):
        faqs = request.env["crm.faq"].sudo()
        category = request.env["crm.faq.category"].sudo().browse(category_id).exists()
        domain = faqs._public_domain(request.env.company) & Domain("category_id", "=", category.id)
        total = faqs.search_count(domain) if category else 0
        if not total:
            raise request.not_found()
        pages = pager("/help", total, page, PER_PAGE, url_args={"category": category_id})
        found = faqs.search(domain, limit=PER_PAGE, offset=pages["offset"])
        return self._page(faqs=found, category=category, pager=pages)

    def _overview(self):
        faqs = request.env["crm.faq"].sudo()
        domain = faqs._public_domain(request.env.company)
        counts = dict(faqs._read_group(domain, ["category_id"], ["__count"]))
        firsts = faqs._firsts(request.env.company, PER_CATEGORY).grouped("category_id")
        sections = [(category, counts[category], firsts[category]) for category in firsts if category in counts]
        return self._page(sections=sections)

    def _page(self, **values):
        defaults = {
            "page_name": "help",
            "faqs": request.env["crm.faq"],
            "sections": [],
            "category": False,
            "searched": "",
            "open_id": False,
            "single": False,
            "thanks_id": False,
            "pager": False,
            "most_characters": MOST_CHARACTERS,
        }
        return request.render("crm_contact_center.help_page", {**defaults, **values})

    # === WHO AND WHAT === #

    def _public(self, ids):
        return request.env["crm.faq"]._public(request.env.company, ids)

    def _visitor(self):
        """Return the user, or who has this session: random, kept in the session, which the browser can't write."""
        if not request.env.user._is_public():
            return f"user:{request.env.uid}"
        if not request.session.get("crm_visitor"):
            request.session["crm_visitor"] = secrets.token_hex(16)
        return f"visitor:{request.session['crm_visitor']}"

    def _too_many(self, wait):
        values = {"page_name": "help", "seconds": math.ceil(wait)}
        response = request.render("crm_contact_center.help_too_many", values)
        response.status_code = 429
        response.headers["Retry-After"] = str(math.ceil(wait))
        return response
