"""What a person can get wrong when training; the command line shows the sentence and ends with code 2."""

from __future__ import annotations


class TrainingError(Exception):
    """Something that the person who started the command can put right. The message is a whole sentence."""
