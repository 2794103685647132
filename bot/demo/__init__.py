"""The demonstration: a readable conversation played through the real service, and checked step by step."""
