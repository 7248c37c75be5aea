# vehicles and their import
from . import vehicle_story
