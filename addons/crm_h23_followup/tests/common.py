from datetime import date

from odoo import fields

from odoo.addons.crm_base.tests.common import CrmBaseCase


class FollowUpCase(CrmBaseCase):
    """Two branches of a dealer with an admin, a person in charge and a headquarters, and a motorcycle of branch A."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch_a.write({"pic_id": cls.manager_a.id, "head_id": cls.manager_a.id})
        cls.manager_b = cls._create_user("test_manager_b", "crm_base.group_manager", cls.branch_b)
        cls.branch_b.write({"pic_id": cls.manager_b.id, "head_id": cls.manager_b.id})
        cls.vehicles = cls.env["crm.vehicle"]
        cls.vehicle = cls._create_vehicle()

    @classmethod
    def _create_vehicle(cls, number=0, **values):
        """Create the motorcycle with that number: engine, frame, owner and phone follow from it."""
        return cls.env["crm.vehicle"].create(cls._vehicle_vals(number, **values))

    @classmethod
    def _vehicle_vals(cls, number=0, **values):
        return {
            "branch_id": cls.branch_a.id,
            "engine_number": f"JM81E{1000000 + number}",
            "frame_number": f"MH1JM8110KK{100000 + number}",
            "model_name": "BeAT Sporty CBS",
            "purchase_date": cls._days_ago(30),
            "owner_name": f"Owner {number}",
            "owner_phone": f"+628127{number:07}",
            **values,
        }

    @classmethod
    def _days_ago(cls, days) -> date:
        """Return the calendar date so many days ago at the branches."""
        return fields.Date.subtract(cls.branch_a._today(), days=days)
