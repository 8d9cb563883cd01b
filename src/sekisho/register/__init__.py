"""The holders of the organisation's own register."""
