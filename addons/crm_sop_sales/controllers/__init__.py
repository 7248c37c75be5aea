from . import portal_transfer
