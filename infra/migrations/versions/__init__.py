"""One step each, in the order of their names; a step that was released never changes."""
