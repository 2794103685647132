"""A WeChat platform to play with and to test against: its pushes, its API, and its own record of both."""
