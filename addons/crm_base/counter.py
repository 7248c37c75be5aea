from typing import NamedTuple


class Counter(NamedTuple):
    """What a smart button counts: records of another model that name this one.

    :param str model: of the records
    :param str field: their stored many2one to this model
    :param domain: which of them count
    :param depends: fields of this model that tell when the count may have changed
    :param bool sudo: whether those count too that the user may not read
    """

    model: str
    field: str
    domain: tuple = ()
    depends: tuple = ()
    sudo: bool = False
