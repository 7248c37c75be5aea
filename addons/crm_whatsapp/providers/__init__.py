from .base import Letter, Outcome, Provider
from .cloud import CloudApi
from .sandbox import Sandbox
