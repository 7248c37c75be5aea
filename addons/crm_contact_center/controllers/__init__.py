from . import help, telephony
