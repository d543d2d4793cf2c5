"""How fast the engine is beside others, measured together; see ``docs/benchmark.md``."""
