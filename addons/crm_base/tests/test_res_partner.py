from .common import CrmBaseCase


class TestResPartner(CrmBaseCase):
    """A customer's page shows its interactions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"]
        cls.firm = partners.create({"name": "PT Maju", "is_company": True})
        cls.person = partners.create({"name": "Tini", "parent_id": cls.firm.id})
        cls.child = partners.create({"name": "Assistant", "parent_id": cls.person.id, "active": False})

    def _counts(self, user=None):
        partners = (self.firm + self.person + self.child).with_user(user or self.officer_a)
        return partners.mapped("interaction_count")

    def test_firm_counts_its_people_those_who_left_too(self):
        for partner in (self.firm, self.person, self.person, self.child):
            self._create_interaction(partner_id=partner.id)
        self.assertEqual(self._counts(), [4, 3, 1])

    def test_person_alone_counts_what_is_below(self):
        """Not what belongs to the firm, though the count walks up to it."""
        self._create_interaction(partner_id=self.child.id)
        self._create_interaction(partner_id=self.firm.id)
        self.env.invalidate_all()
        self.assertEqual(self.person.with_user(self.officer_a).interaction_count, 1)

    def test_count_follows_what_happens(self):
        self.assertEqual(self._counts(), [0, 0, 0])
        self._create_interaction(partner_id=self.firm.id)
        self.assertEqual(self._counts(), [1, 0, 0])

    def test_each_sees_and_counts_those_of_their_branches(self):
        self._create_interaction(partner_id=self.firm.id)
        self._create_interaction(partner_id=self.firm.id, user=self.officer_b)
        self.assertEqual(
            [self._counts(user)[0] for user in (self.officer_a, self.officer_b, self.manager_hq)], [1, 1, 2]
        )
        self.assertEqual(len(self.firm.with_user(self.officer_a).interaction_ids), 1)

    def test_list_that_opens_has_what_was_counted(self):
        self._create_interaction(partner_id=self.firm.id)
        self._create_interaction(partner_id=self.person.id)
        action = self.firm.with_user(self.officer_a).action_view_interactions()
        interactions = self.env["crm.interaction"].with_user(self.officer_a)
        self.assertEqual(interactions.search_count(action["domain"]), 2)
        self.assertEqual(interactions.with_context(**action["context"]).create({}).partner_id, self.firm)

    def test_counting_takes_as_many_queries_for_many_as_for_few(self):
        partners = self.env["res.partner"].create([{"name": f"x{n}", "parent_id": self.firm.id} for n in range(40)])
        for partner in partners[:20]:
            self._create_interaction(partner_id=partner.id)
        counts = []
        for some in (partners[:4], partners):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.with_user(self.officer_a).mapped("interaction_count")
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0], f"4 and 40 partners took {counts} queries")

    def test_users_without_the_role_read_customers_as_before(self):
        """The fields are there for those alone who may read interactions: nobody else's reading fails of them."""
        for user, there in ((self.officer_a, True), (self.internal, False), (self.portal, False)):
            names = self.firm.with_user(user).fields_get()
            self.assertEqual({"interaction_count" in names, "interaction_ids" in names}, {there}, user.login)

    def test_merging_customers_keeps_the_contacts(self):
        done = self._create_done(partner_id=self.person.id)
        double = self.env["res.partner"].create({"name": "Tini"})
        self.env["base.partner.merge.automatic.wizard"]._merge([self.person.id, double.id], double)
        done.invalidate_recordset()
        self.assertEqual(done.sudo().partner_id, double)
