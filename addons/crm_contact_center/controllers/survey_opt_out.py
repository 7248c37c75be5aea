from odoo.http import Controller, request, route


class SurveyOptOut(Controller):
    """Who gets a satisfaction request says by its link that they want no more of them (CC-5)."""

    @route(
        "/crm_contact_center/no_more_questions/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
        sitemap=False,
    )
    def no_more_questions(self, token, **__):
        """Ask whether they are sure, since mail programs follow links by themselves; then note it."""
        # with all rights: the token of the e-mail says who it is, and lets them say this one thing
        sheet = request.env["survey.user_input"].sudo().search([("access_token", "=", token)], limit=1)
        if not sheet.satisfaction_request_ids:
            return request.not_found()
        done = request.httprequest.method == "POST"
        if done:
            sheet.partner_id.survey_opt_out = True
        return request.render("crm_contact_center.no_more_questions", {"done": done})
