"""Who works when: the rules, a plain planner and one by constraint programming (CC-8a). No ORM, no database."""
