"""Live updates: sockets, and what they are sent."""
