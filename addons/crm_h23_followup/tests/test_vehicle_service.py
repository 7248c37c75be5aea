from odoo.exceptions import UserError
from odoo.tests import tagged

from .followup_common import ScheduleCase


@tagged("post_install", "-at_install")
class TestVehicleService(ScheduleCase):
    """Services that a manager enters, corrects and takes back."""

    def _service(self, vehicle, **values):
        services = self.env["crm.vehicle.service"].with_user(self.manager_a)
        return services.create({"vehicle_id": vehicle.id, "kpb": 1, "day": self.today, **values})

    def test_a_service_has_been_done(self):
        """H23-1.3: a service that isn't done yet, or was before the purchase, is no success."""
        vehicle = self._bought(30)
        for day in (self._days_ago(-1), self._days_ago(31)):
            with self.subTest(day=day), self.assertRaises(UserError):
                self._service(vehicle, day=day)

    def test_corrected_day(self):
        """H23-1.3: a corrected day is the case's too."""
        vehicle = self._bought(30)
        self._generate()
        service = self._service(vehicle)
        service.day = self._days_ago(2)
        self.env.invalidate_all()
        self.assertEqual(vehicle.case_ids.serviced_on, self._days_ago(2))

    def test_taken_back(self):
        """H23-1.3, H23-4.2.2: a service that was entered for the wrong motorcycle counts no more; it is followed up."""
        vehicle = self._bought(30)
        self._generate()
        service = self._service(vehicle)
        self.assertTrue(vehicle.case_ids.is_success)
        service.unlink()
        self.assertEqual((vehicle.case_ids.state, vehicle.case_ids.is_success), ("open", False))
        self._generate(15)
        self.assertEqual(self._steps(vehicle)[-1], ("1", "2", "todo"))

    def test_another_service_is_another_record(self):
        """H23-4.1.1: vehicle, KPB and file of a service don't change; that a report says so nobody claims."""
        vehicle, other = self._bought(30), self._bought(30, 2)
        document = self.env["crm.vehicle.import"].create({"branch_id": self.branch_a.id, "kind": "a2"})
        service = self._service(vehicle)
        for vals in ({"vehicle_id": other.id}, {"kpb": 2}, {"import_id": document.id}, {"branch_id": self.branch_b.id}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                service.write(vals)
        service.write({"kpb": 1, "vehicle_id": vehicle.id, "dealer": "Bengkel Jaya"})
        with self.assertRaises(UserError):
            self._service(other, import_id=document.id)
