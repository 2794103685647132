"""Whose matter is it, until when, and is it done?"""
