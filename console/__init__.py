"""Other programs and people at screens: the HTTP API, who may do what through it, and with which tokens. Knows nothing of channels and talk."""
