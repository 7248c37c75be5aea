from odoo.exceptions import AccessError

from .common import CourierCase


class TestRunDocuments(CourierCase):
    """The papers that go along."""

    def _html(self, report, records, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.courier)
        return reports._render_qweb_html(f"crm_courier.crm_courier_{report}_report", records.ids)[0].decode()

    def test_run_and_loading_list(self):
        """SOP-7: run list and loading list say units by type and IMEI, in the order of the stops."""
        first, second = self._create_delivery(2), self._create_delivery(1, cases=2)
        run = self._create_reviewed(first, second)
        for report in ("run_list", "loading_list"):
            html = self._html(report, run)
            for lot in (first | second).move_line_ids.lot_id:
                self.assertIn(lot.name, html)
            self.assertIn(self.env.company.name, html)
            self.assertIn(run.name, html)
        html = self._html("run_list", run)
        self.assertIn("Rasuna Said", html)
        self.assertLess(html.index(first.sale_id.name), html.index(second.sale_id.name))

    def test_delivery_note(self):
        """SOP-12i: the delivery note has a place to sign for sales draft, invoice, its copy and the note itself."""
        run = self._create_reviewed(self._create_delivery())
        html = self._html("delivery_note", run.stop_ids)
        for paper in ("Sales draft", "Invoice", "Copy of the invoice", "Delivery note"):
            self.assertIn(f"<th>{paper}</th>", html)
        self.assertIn(run.unit_ids.lot_id.name, html)

    def test_proof_of_hand_over(self):
        """SOP-13a: the proof of hand-over names the units by IMEI, and that they are in good condition."""
        run = self._create_reviewed(self._create_delivery())
        html = self._html("proof", run.stop_ids)
        self.assertIn("good condition", html)
        self.assertIn(run.unit_ids.lot_id.name, html)

    def test_proof_of_a_part(self):
        """SOP-13a: the proof lists what the customer got and nothing else; the delivery note says what came back."""
        picking = self._create_delivery(2)
        stop = self._create_on_road(picking).stop_ids
        given, back = stop.unit_ids
        self._say(stop, "partly", "They keep one", back=back)
        html = self._html("proof", stop)
        self.assertIn(given.lot_id.name, html)
        self.assertNotIn(back.lot_id.name, html)
        html = self._html("delivery_note", stop)
        self.assertGreater(html.rindex(back.lot_id.name), html.index("Came back with the courier"))
        self.assertLess(html.rindex(given.lot_id.name), html.index("Came back with the courier"))

    def test_no_proof_of_nothing(self):
        """SOP-13a: of what was brought back there is no proof that it was handed over."""
        stop = self._create_on_road(self._create_delivery()).stop_ids
        self._say(stop, "not_home", "Nobody there")
        self.assertIn(stop.unit_ids.lot_id.name, self._html("proof", stop))  # it may be tried again
        self._say(stop, "brought_back", "Nobody there in the evening")
        html = self._html("proof", stop)
        self.assertNotIn(stop.unit_ids.lot_id.name, html)
        self.assertNotIn("good condition, complete", html)

    def test_map_link(self):
        """SOP-13c: each stop links to the company's map, its address quoted."""
        run = self._create_run(self._create_delivery())
        self.env.company.courier_map_url = "https://maps.example.com/?q={address}"
        self.assertEqual(
            run.stop_ids.map_url,
            "https://maps.example.com/?q=Jl.%20HR%20Rasuna%20Said%201%2C%20Jakarta%20Selatan%2C%2012940",
        )

    def test_another_couriers_papers(self):
        """SOP-7: another courier can't print them."""
        run = self._create_reviewed(self._create_delivery())
        with self.assertRaises(AccessError):
            self._html("run_list", run, self.other_courier)
