"""The pages of this room: `lists` with their details, `lookup` and `adjusting` on the shop floor."""
