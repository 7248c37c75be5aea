from odoo.exceptions import UserError
from odoo.tests import tagged

from .shop_common import ShopCase
from .test_complaint_report import PDF, picture


@tagged("post_install", "-at_install")
class TestFileGuard(ShopCase):
    """Papers and photos aren't exchanged behind the back of the document that has checked them."""

    def _documents(self):
        """Return a document of each kind with who works on it, and the name of a file field."""
        display = {"name": "Window", "date_due": "2031-01-01", "user_id": self.service_officer_a.id}
        display["branch_id"] = self.branch_a.id
        task = self.env["crm.display.task"].create(display).with_user(self.service_officer_a)
        task.write({"photo_before": picture(), "photo_after": picture()})
        campaigns = self.env["crm.campaign"].with_user(self.service_officer_a)
        campaign = campaigns.create({"name": "Fibre", "artwork": PDF, "artwork_name": "x.pdf"})
        reports = self.env["crm.complaint.report"].with_user(self.retention_officer_a)
        report = reports.create({"partner_id": self.customer.id, "warranty_card": PDF})
        return ((task, "photo_before"), (campaign, "artwork"), (report, "warranty_card"))

    def test_not_behind_the_back(self):
        """BR-11, BR-14, BR-15: nobody changes, publishes, moves, deletes or slips in such a file as an attachment."""
        for document, name in self._documents():
            place = {"res_model": document._name, "res_id": document.id, "res_field": name}
            file = self.env["ir.attachment"].search([(key, "=", value) for key, value in place.items()])
            self.assertTrue(file)
            theirs = file.with_user(document.env.user)
            before = (file.checksum, file.public, file.res_id)
            for vals in ({"datas": "eA=="}, {"public": True}, {"res_id": 0}, {"res_field": False}):
                with self.subTest(document._name, **vals), self.assertRaisesRegex(UserError, "on its document itself"):
                    theirs.write(vals)
            with self.assertRaisesRegex(UserError, "on its document itself"):
                theirs.unlink()
            with self.assertRaisesRegex(UserError, "on its document itself"):
                theirs.create({"name": "x", "datas": "eA==", **place})
            self.assertEqual((file.checksum, file.public, file.res_id), before)

    def test_on_the_document(self):
        """BR-15: on the document itself the file is changed as before, and taken away, while that is open."""
        for document, name in self._documents():
            document[name] = picture()
            self.assertTrue(document[name])
            document[name] = False
            self.assertFalse(document[name])
