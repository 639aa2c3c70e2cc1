"""The pages of this room: the browser's and the phone's."""
