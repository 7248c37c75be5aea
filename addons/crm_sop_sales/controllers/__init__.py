from . import helpdesk
from . import portal
from . import portal_transfer
