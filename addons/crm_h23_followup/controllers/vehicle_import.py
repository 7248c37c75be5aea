from odoo.http import Controller, content_disposition, request, route

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class VehicleImportController(Controller):
    @route("/crm_h23_followup/import/<int:import_id>/left", type="http", auth="user", methods=["GET"], readonly=True)
    def left(self, import_id):
        """Answer with the rows of an import that weren't taken, to who may read it."""
        document = request.env["crm.vehicle.import"].browse(import_id)
        document.check_access("read")
        name = document.file_name.rsplit(".", 1)[0]
        headers = [
            ("Content-Type", XLSX),
            ("Content-Disposition", content_disposition(request.env._("%s to correct.xlsx", name))),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(document._left_file(), headers)
