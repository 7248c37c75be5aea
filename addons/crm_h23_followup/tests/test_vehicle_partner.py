from .common import FollowUpCase


class TestPartners(FollowUpCase):
    """Contacts are made when a follow-up first needs them, in batches."""

    def test_made_once(self):
        """H23-4.1.2: an owner is one contact, however many motorcycles they have; a known one is taken."""
        known = self.env["res.partner"].create({"name": "OWNER-11", "phone": "0812 7000 0011"})
        other_name = self.env["res.partner"].create({"name": "Somebody else", "phone": "+6281270000012"})
        vehicles = self._create_vehicle(10, owner_name="Budi")
        vehicles |= self._create_vehicle(13, owner_name="BUDI", owner_phone=vehicles.owner_phone)
        vehicles |= self._create_vehicle(11) | self._create_vehicle(12)
        nobody = self._create_vehicle(14, owner_name=False, owner_phone=False)
        partners = (vehicles | nobody)._ensure_partners()
        self.assertEqual(len(partners), 3)
        self.assertEqual(vehicles[0].partner_id, vehicles[1].partner_id)
        self.assertEqual(vehicles[2].partner_id, known)
        self.assertNotEqual(vehicles[3].partner_id, other_name)
        self.assertFalse(nobody.partner_id)
        self.assertEqual(vehicles[0].partner_id.whatsapp_phone, "+6281270000010")
        self.assertEqual(vehicles._ensure_partners(), partners)

    def test_number_of_queries_is_the_same(self):
        """H23-4.1.2: statements grow by batches of Odoo's, not by vehicles."""
        vals = [self._vehicle_vals(number) for number in range(100, 180)]
        vehicles = self.env["crm.vehicle"].create(vals)
        vehicles[:10]._ensure_partners()
        counts = []
        for part in (vehicles[10:20], vehicles[20:80]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            part._ensure_partners()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1], counts[0] + 8)
