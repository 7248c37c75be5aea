from . import whatsapp_story
