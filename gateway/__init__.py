"""The edge for browsers and API clients: it owns no data; it decodes, asks the bus and encodes."""
