"""Switchback: practice conversations for people training to be peer support specialists."""

__version__ = "0.1.0"
