"""The running service: channels, conversation, worker, command line, composition root."""
