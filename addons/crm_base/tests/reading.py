"""What a replica is asked for."""


def read(case, method, *args, **kwargs):
    """Return what a method returns that a replica is asked for: it is marked so, and fails here if it writes."""
    case.assertTrue(method._readonly, "@api.readonly is missing")
    with case.env.cr.savepoint():
        case.env.cr.execute("SET TRANSACTION READ ONLY")
        return method(*args, **kwargs)
