"""The command line: one file per noun, each a thin way to what bot does."""
