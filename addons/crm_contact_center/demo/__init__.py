from . import contact_story
