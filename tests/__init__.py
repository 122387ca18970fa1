import inference  # noqa: F401 - switches usage reports of dependencies off before they load
