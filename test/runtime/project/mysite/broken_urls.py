import no_such_views  # noqa: F401
