"""The parts of a step that take the time, as a small library in C, compiled where the package is installed.

Where there is no compiler, or the processor is another one, torch does the same.
"""
