"""Who speaks to us, what they said and allowed: the privacy room, the only package that unseals a person."""
