"""The cast: each module is one actor, and what it owns is in its first sentence."""
