"""Signatures of the demo's customers, as fingers draw them."""

import base64
import io
import math

from PIL import Image, ImageDraw

from odoo import api, models

SIZE = (600, 220)


class CrmDemoSignatures(models.AbstractModel):
    """Sign on the courier's phone. Only the demo files call this."""

    _name = "crm.demo.signatures"
    _description = "Demo Data: Signatures"

    @api.model
    def _sign(self, stop):
        name = stop.sudo().partner_id.name
        for document in stop._unsigned_documents():
            stop._door_sign({"document": document, "name": name, "image": self._draw(name)})

    @api.model
    def _draw(self, name):
        """Return a flourish that is the name's own, as base64 of a PNG."""
        image = Image.new("RGBA", SIZE)
        letters = [ord(letter) for letter in name if letter.isalpha()]
        points, steps = [], 40
        for index in range(len(letters) * steps):
            letter = letters[index // steps]
            turn = index / steps * math.tau * (0.7 + letter % 3 / 10)
            middle = 60 + index / steps * (SIZE[0] - 120) / len(letters)
            height = 55 if index < steps else 18 + letter % 5 * 8
            points.append((middle + 22 * math.cos(turn), SIZE[1] / 2 + height * math.sin(turn)))
        ImageDraw.Draw(image).line(points, fill="darkblue", width=4, joint="curve")
        data = io.BytesIO()
        image.save(data, "PNG")
        return base64.b64encode(data.getvalue()).decode()
