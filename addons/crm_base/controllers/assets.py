from odoo.http import route

from odoo.addons.web.controllers.binary import Binary


class Assets(Binary):
    @route(readonly=lambda *_args: False)
    def content_assets(self, *args, **kwargs):
        """Override: ask the primary. Odoo makes a bundle there when it is first asked for, then reads it from the
        replica, which hasn't got it yet: the page would be without its styles. Without a replica nothing changes.
        """
        return super().content_assets(*args, **kwargs)
