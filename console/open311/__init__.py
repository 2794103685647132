"""Open311 GeoReport v2: what desks have published, for anybody to read, in the words of that standard. Read-only; off unless it is turned on."""
