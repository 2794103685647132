"""Exchange with other systems: what partners send and are sent, signed calls out, and the 12345 and 110 systems beside ours."""
