from .base import File, Letter, Outcome, Provider, ServiceError, TemplateInfo
from .cloud import CloudApi
from .sandbox import Sandbox
