from odoo.http import Controller, content_disposition, request, route


class Person(Controller):
    @route("/crm_branch/person/<int:partner_id>", type="http", auth="user", methods=["GET"], readonly=False)
    def person(self, partner_id):
        """Download what is kept about a person (BR-3). Headquarters only."""
        partner = request.env["res.partner"].with_context(active_test=False).browse(partner_id).exists()
        if not partner:
            return request.not_found()
        content = partner._export_person()
        headers = [
            ("Content-Type", "application/zip"),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(f"person-{partner_id}.zip")),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(content, headers)
