from . import telephony
from . import portal_selfservice
from . import portal_wishes
from . import portal_kpb
from . import survey_opt_out
from . import help
