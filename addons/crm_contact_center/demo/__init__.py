from . import contact_story

# what customers have bought, and what is suggested to them
from . import selling_story
from . import staffing_story
from . import talk_story
