"""The edge for Telegram: it owns no data; it decodes, asks the bus and encodes."""
