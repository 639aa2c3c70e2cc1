"""The pages of this room: the desk's, and in `phone…` the shop floor's."""
