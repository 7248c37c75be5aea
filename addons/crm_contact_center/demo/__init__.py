from . import contact_story
from . import staffing_story
