"""Unit, contract and end-to-end tests; what they share lies in ``tests.fakes``."""
