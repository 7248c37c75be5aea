import base64
import io

from PIL import Image, PngImagePlugin

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import CourierCase, drawing

PAPERS = ["draft", "invoice", "invoice_copy", "delivery_note"]


class TestDoorSignatures(CourierCase):
    """SOP-12i: the customer signs sales draft, invoice, its copy and the delivery note before the hand-over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trip = cls._create_on_road(cls._create_delivery())
        cls.stop = cls.trip.stop_ids
        cls.stop.with_user(cls.courier).action_check_rest()

    def _sign_with(self, **values):
        entry = self._entry(self.stop, "sign", **{"document": "draft", "name": "Dewi", "image": drawing()} | values)
        (result,) = self._send(self.courier, entry)
        return result

    def _say_outcome(self, user=None, **papers):
        stop = self.stop.with_user(user or self.pic)
        wizard = stop.env["crm.courier.outcome"].create({"stop_id": stop.id, "outcome": "delivered", **papers})
        return wizard.action_confirm()

    # === REQUIRED === #

    def test_all_before_the_hand_over(self):
        """SOP-12i: nothing is handed over before all papers are signed; the message names what is missing."""
        courier = self.stop.with_user(self.courier)
        with self.assertRaisesRegex(UserError, "Sales Draft, Invoice, Copy of the Invoice, Delivery Note"):
            courier._record_outcome("delivered")
        self._sign(self.stop, *PAPERS[:3])
        with self.assertRaisesRegex(UserError, "hasn't signed: Delivery Note"):
            courier._record_outcome("delivered")
        self.assertFalse(self.stop.outcome)
        self._sign(self.stop)
        courier._record_outcome("delivered")
        self.assertEqual(self.stop.outcome, "delivered")

    def test_not_for_what_comes_back(self):
        """SOP-12i: what isn't handed over needs no signatures."""
        self.stop.with_user(self.courier)._record_outcome("not_home", "Nobody")
        self.stop.with_user(self.courier)._record_outcome("brought_back", "Nobody")
        self.assertEqual(self.stop.outcome, "brought_back")

    def test_proof_follows(self):
        """SOP-13a: who has all signatures has the proof of hand-over."""
        self._sign(self.stop)
        self._send(self.courier, self._entry(self.stop, "outcome", outcome="delivered"))
        self.assertTrue(self.stop.has_proof)

    # === GIVEN === #

    def test_who_and_when(self):
        """SOP-12i: a signature says which paper, whose name, when and on whose phone."""
        result = self._sign_with()
        self.assertEqual(result["status"], "done")
        signature = self.stop.signature_ids
        self.assertEqual(
            (signature.document, signature.name, signature.user_id, signature.on_paper),
            ("draft", "Dewi", self.courier, False),
        )
        paper = next(paper for paper in result["stop"]["signatures"] if paper["document"] == "draft")
        self.assertEqual((paper["signed"], paper["name"]), (True, "Dewi"))
        self.assertNotIn("image", paper)

    def test_once(self):
        """SOP-12i: a paper that is signed isn't signed again."""
        self._sign_with()
        result = self._sign_with(name="Somebody else")
        self.assertIn("signed already", result["message"])
        self.assertEqual(self.stop.signature_ids.name, "Dewi")

    def test_not_after_the_say_outcome(self):
        """SOP-12i: what was handed over or brought back isn't signed afterwards."""
        self._say(self.stop, "brought_back", "Wrong colour")
        self.assertIn("said already", self._sign_with()["message"])

    def test_stays(self):
        """SOP-12i: nobody changes, copies or deletes a signature, whatever their role."""
        self._sign(self.stop)
        signature = self.stop.signature_ids[0]
        for user in (self.courier, self.officer, self.manager, self.logistics, self.pic):
            theirs = signature.with_user(user)
            for attempt in (
                lambda theirs=theirs: theirs.write({"name": "X"}),
                lambda theirs=theirs: theirs.write({"image": drawing()}),
                lambda theirs=theirs: theirs.unlink(),
                lambda theirs=theirs: theirs.copy(),
                lambda theirs=theirs: theirs.create(
                    {"stop_id": self.stop.id, "document": "invoice", "name": "X", "signed_at": "2026-01-01"}
                ),
            ):
                with self.assertRaises(UserError), self.cr.savepoint():
                    attempt()
            attachment = (
                self.env["ir.attachment"]
                .sudo()
                .search(
                    [
                        ("res_model", "=", "crm.courier.signature"),
                        ("res_field", "=", "image"),
                        ("res_id", "=", signature.id),
                    ]
                )
            )
            self.assertTrue(attachment)
            for attempt in (
                lambda user=user, attachment=attachment: attachment.with_user(user).write({"raw": b"x"}),
                lambda user=user, attachment=attachment: attachment.with_user(user).unlink(),
            ):
                with self.assertRaises(AccessError):
                    attempt()
        with self.assertRaises(UserError):
            signature.sudo().write({"name": "X"})
        with self.assertRaises(UserError):
            signature.sudo().unlink()

    def test_who_sees(self):
        """SOP-12i: the run's courier, the branch's officers and the warehouse see a signature, others don't."""
        self._sign(self.stop)
        signature = self.stop.signature_ids[0]
        for user in (self.courier, self.officer, self.logistics):
            self.assertTrue(signature.with_user(user).has_access("read"), user.login)
            self.assertTrue(signature.with_user(user).image)
        for user in (self.other_courier, self.stranger, self.accountant):
            self.assertFalse(signature.with_user(user).has_access("read"), user.login)

    def test_signed_isnt_recalled(self):
        """SOP-12i: a run on which a customer signed has left."""
        self._sign(self.stop)
        with self.assertRaisesRegex(UserError, "has signed already"):
            self.trip.with_user(self.logistics)._workflow_do("recall", "Rain")

    # === WHAT IS NO SIGNATURE === #

    def test_no_picture(self):
        """SOP-12i: an empty page, a dot, another kind of file, one too large: refused, with the reason."""
        svg = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>').decode()
        cut = drawing()[:200]
        for image, words in (
            (None, "no signature"),
            ("", "no signature"),
            (drawing(line=None), "no signature"),
            (drawing(line=((10, 10), (12, 12))), "no signature"),
            (drawing("JPEG", mode="RGB"), "isn't a PNG"),
            (drawing("GIF", mode="RGB"), "isn't a PNG"),
            (svg, "isn't a PNG"),
            (cut, "no signature"),
            ("data:image/png;base64," + drawing(), "isn't a PNG"),
            ("%%%", "isn't a PNG"),
            (drawing(size=(3000, 10)), "isn't a PNG"),
            ("A" * 400_000, "too large"),
            (5, "isn't a picture"),
            ({"x": 1}, "isn't a picture"),
        ):
            result = self._sign_with(image=image)
            self.assertEqual(result["status"], "refused", words)
            self.assertIn(words, result["message"])
        self.assertFalse(self.stop.signature_ids)

    def test_nothing_rides_along(self):
        """SOP-12i: only the drawing is kept, not what else a file may carry."""
        image = Image.open(io.BytesIO(base64.b64decode(drawing())))
        words = PngImagePlugin.PngInfo()
        words.add_text("Comment", "4111 1111 1111 1111")
        data = io.BytesIO()
        image.save(data, "PNG", pnginfo=words)
        self.assertIn(b"4111", data.getvalue())
        result = self._sign_with(image=base64.b64encode(data.getvalue() + b"4111111111111111").decode())
        self.assertEqual(result["status"], "done")
        self.assertNotIn(b"4111", base64.b64decode(self.stop.signature_ids.image))

    def test_wrong_values(self):
        """SOP-12i: no name, no paper of ours, a card's number as a name: refused."""
        for values, words in (
            ({"name": ""}, "Write the name"),
            ({"name": "   "}, "Write the name"),
            ({"name": None}, "Write the name"),
            ({"name": 5}, "isn't a text"),
            ({"name": "x" * 101}, "too long"),
            ({"name": "a\x00b"}, "isn't a text"),
            ({"name": "4111-1111-1111-1111"}, "card's number"),
            ({"document": "contract"}, "isn't one of the answers"),
            ({"document": None}, "isn't one of the answers"),
            ({"document": ["draft"]}, "isn't one of the answers"),
        ):
            self.assertIn(words, self._sign_with(**values)["message"])
        self.assertFalse(self.stop.signature_ids)

    # === ON PAPER === #

    def test_on_paper(self):
        """SOP-12i: the office may tick what was signed on paper; it is noted by whom, and counts."""
        self._sign(self.stop, "draft")
        self._say_outcome(paper_draft=True, paper_invoice=True, paper_invoice_copy=True, paper_delivery_note=True)
        self.assertEqual(self.stop.outcome, "delivered")
        by_hand = self.stop.signature_ids.filtered("on_paper")
        self.assertEqual(set(by_hand.mapped("document")), set(PAPERS[1:]))
        self.assertEqual(by_hand.user_id, self.pic)
        self.assertFalse(any(by_hand.mapped("image")))

    def test_on_paper_each(self):
        """SOP-12i: a paper that isn't ticked is missing, and nothing is noted of the others."""
        with self.assertRaisesRegex(UserError, "hasn't signed: Delivery Note"), self.cr.savepoint():
            self._say_outcome(paper_draft=True, paper_invoice=True, paper_invoice_copy=True)
        self.assertFalse(self.stop.signature_ids)

    def test_on_paper_isnt_the_couriers(self):
        """SOP-12i: a courier doesn't tick: customers sign on the phone; nor who is both, on a run of their own."""
        papers = {f"paper_{paper}": True for paper in PAPERS}
        with self.assertRaisesRegex(AccessError, "noted by the office"):
            self._say_outcome(self.courier, **papers)
        self.courier.group_ids = [Command.link(self.env.ref("stock.group_stock_user").id)]
        with self.assertRaisesRegex(AccessError, "noted by the office"):
            self._say_outcome(self.courier, **papers)
        with self.assertRaises(UserError):
            self._say_outcome(self.other_courier, **papers)
        self.assertFalse(self.stop.signature_ids)

    # === PRINTED === #

    def test_printed(self):
        """SOP-13a: the proof of hand-over and the delivery note show the signatures."""
        self._sign(self.stop, name="Dewi Lestari")
        for name, count in (("proof", 1), ("delivery_note", 4)):
            report = f"crm_courier.crm_courier_{name}_document"
            html = (
                self.env["ir.actions.report"]
                .with_user(self.courier)
                ._render_qweb_html(report, self.stop.ids)[0]
                .decode()
            )
            self.assertEqual(html.count("data:image/png;base64"), count, name)
            self.assertIn("Dewi Lestari", html)
