"""Codes on doors, buildings and contact cards as they are printed."""
