from . import assets
