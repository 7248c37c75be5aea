"""Checks that hold for every addon; the environment variable ADDON names the one that is looked at."""
