from . import test_sender
from . import test_utils
