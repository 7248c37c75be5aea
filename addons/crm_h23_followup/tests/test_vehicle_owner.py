from odoo.exceptions import AccessError
from odoo.tests import tagged

from .followup_common import ScheduleCase

NEW_OWNER = {"owner_name": "Sari Dewi", "owner_phone": "+6281299990001"}


@tagged("post_install", "-at_install")
class TestVehicleOwner(ScheduleCase):
    """A motorcycle changes hands, branch, or was stopped by mistake."""

    def test_new_owner_has_another_contact(self):
        """H23-4.2.3: whoever bought it from the first owner gets the message, not the first owner."""
        vehicle = self._bought(30)
        former = vehicle._ensure_partners()
        vehicle.with_user(self.manager_a).write(NEW_OWNER)
        self.assertFalse(vehicle.partner_id)
        self.assertEqual(vehicle._ensure_partners().whatsapp_phone, NEW_OWNER["owner_phone"])
        self.assertEqual(former.whatsapp_phone, "+6281270000001")

    def test_new_owner_step_by_step(self):
        """H23-4.2.3: likewise when the name is entered first and the number later."""
        vehicle = self._bought(30)
        former = vehicle._ensure_partners()
        for name, value in NEW_OWNER.items():
            vehicle.with_user(self.manager_a).write({name: value})
        self.assertFalse(vehicle.partner_id)
        self.assertEqual(former.whatsapp_phone, "+6281270000001")

    def test_new_number_of_the_same_owner(self):
        """H23-4.2.3: a corrected number is the contact's too: the blast goes where the admin calls."""
        vehicle = self._bought(30)
        partner = vehicle._ensure_partners()
        vehicle.with_user(self.manager_a).write({"owner_phone": "0812 9999 0002", "owner_name": "OWNER  1"})
        self.assertEqual((vehicle.partner_id, partner.whatsapp_phone), (partner, "+6281299990002"))

    def test_new_owner_has_refused_nothing(self):
        """H23-4.2.3: the former owner's opt-out isn't the new one's: the free service goes on at its next follow-up."""
        followup = self._due("1")
        followup._answer("opted_out", "Don't call me")
        vehicle = followup.sudo().vehicle_id
        vehicle.with_user(self.manager_a).write({"owner_name": "OWNER 1"})
        self.assertTrue(vehicle.follow_up_stopped, "the same owner in another spelling")
        vehicle.with_user(self.manager_a).write(NEW_OWNER)
        self.assertFalse(vehicle.follow_up_stopped or vehicle.follow_up_stop_reason)
        self.assertEqual(vehicle.case_ids.state, "open")
        self._generate(15)
        self.assertEqual(self._steps(vehicle)[-1], ("1", "2", "todo"))

    def test_scrapped_stays_scrapped(self):
        """H23-4.2.3: what ended for the motorcycle's sake doesn't begin again with another owner."""
        vehicle = self._bought(30)
        vehicle._stop_follow_up("scrapped")
        vehicle.write(NEW_OWNER)
        self.assertTrue(vehicle.follow_up_stopped)

    def test_stopped_by_mistake(self):
        """H23-4.2.2: a manager who stopped the wrong motorcycle takes it back, and nothing is forgotten."""
        vehicle = self._bought(30)
        self._generate()
        manager = vehicle.with_user(self.manager_a)
        manager.write({"follow_up_stopped": True, "follow_up_stop_reason": "sold"})
        self.assertEqual(vehicle.case_ids.state, "stopped")
        manager.write({"follow_up_stopped": False, "follow_up_stop_reason": False})
        self.assertEqual((vehicle.case_ids.state, vehicle.case_ids.next_step), ("open", "2"))
        manager.active = False
        self.assertEqual(vehicle.case_ids.state, "stopped")
        manager.active = True
        self.assertEqual(vehicle.case_ids.state, "open")

    def test_same_owner(self):
        """H23-4.2.4: a wrong number or an opt-out holds for all motorcycles of that owner, and for nobody else's."""
        same = {"owner_name": "Adi", "owner_phone": "+6281255550001"}
        second = self._bought(100, 2, **{**same, "owner_name": "ADI"})
        namesake = self._bought(100, 3, **{**same, "owner_name": "Somebody else"})
        elsewhere = self._bought(100, 4, branch_id=self.branch_b.id, **same)
        followup = self._due("2", 5, **same)
        followup._answer("wrong_number", "A stranger")
        self.assertEqual((second + namesake + elsewhere).mapped("phone_is_wrong"), [True, False, True])
        followup.with_user(self.manager_a)._workflow_do("correct", "It was hers after all")
        self.assertFalse(second.phone_is_wrong)
        followup._answer("opted_out", "Never call me again")
        self.assertEqual((second + namesake + elsewhere).mapped("follow_up_stopped"), [True, False, True])
        followup.with_user(self.manager_a)._workflow_do("correct", "Misunderstood")
        self.assertFalse((second + elsewhere).filtered("follow_up_stopped"))

    def test_the_right_number_is_found(self):
        """H23-4.2.4: with the right number the free service goes on where the wrong one had ended it."""
        followup = self._due()
        followup._answer("wrong_number", "A stranger answered")
        vehicle = followup.sudo().vehicle_id
        self.assertEqual(vehicle.case_ids.state, "unreachable")
        vehicle.with_user(self.manager_a).owner_phone = "+6281299990003"
        self.assertEqual((vehicle.case_ids.state, vehicle.case_ids.next_step), ("open", "3"))
        self._generate(8)
        self.assertEqual(self._steps(vehicle)[-1], ("1", "3", "todo"))

    def test_other_branch(self):
        """H23-2: a motorcycle's follow-ups go with it: its former branch sees no more of its owner, and the new one has
        the work.
        """
        followup = self._due()
        vehicle = followup.sudo().vehicle_id
        vehicle.with_user(self.manager_hq).branch_id = self.branch_b
        self.env.invalidate_all()
        for record in (followup, followup.sudo().case_id.with_user(self.admin_1)):
            with self.assertRaises(AccessError):
                record.read(["owner_name", "owner_phone"])
        self.assertFalse(followup.sudo().user_id)
        self._generate(branches=self.branch_b)
        self.assertEqual((followup.sudo().user_id, followup.sudo().branch_id), (self.officer_b, self.branch_b))
        self._create_week(self.branch_b)
        self._willing(followup.with_user(self.officer_b), **self._time(branch=self.branch_b))
