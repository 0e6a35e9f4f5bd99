"""Whether an agent still behaves: what was counted, what that allows to say, and the gate."""
