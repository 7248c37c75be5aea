from . import test_crm_agent
from . import test_crm_queue_contact
from . import test_dispatch
from . import test_routing
from . import test_telephony
from . import test_telephony_event
from . import test_telephony_http
