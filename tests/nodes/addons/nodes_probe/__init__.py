from odoo.http import Controller, request, route


class Probe(Controller):
    """Says that it reads, and writes: Odoo has to notice, and to ask the primary."""

    @route("/nodes_probe", type="http", auth="user", methods=["GET"], readonly=True)
    def probe(self):
        request.env.cr.execute("INSERT INTO nodes_run VALUES (-1, 'probe')")
        return "written"
