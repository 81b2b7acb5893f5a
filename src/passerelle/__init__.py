"""The open platform on which states plan and prove their security cooperation."""

__all__ = ["__version__"]

__version__ = "0.1.0"
