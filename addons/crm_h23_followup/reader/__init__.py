from .table import Refused, TableFile
