"""Accounts of the staff: passwords, second factors, one-time links, sessions, and what stops those who guess."""
