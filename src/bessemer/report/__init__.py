"""What a run says to people: one self-contained page, and a summary for terminals."""
